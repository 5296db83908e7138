-- A month of :count matters that ends at :now. The buyers of two in five wrote, twice, and were answered.

CREATE TEMP TABLE n AS
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :count - 1),
kinds AS (
    SELECT i, :now - 2592000000000 + (i * 7919 % :count) * 2592000000000 / :count AS at,
        CASE WHEN i % 10 < 6 THEN 'unpaid_order' WHEN i % 10 = 6 THEN 'pending_refund' WHEN i % 10 = 7 THEN 'after_sales'
            WHEN i % 10 = 8 THEN 'inquiry' WHEN i % 20 = 9 THEN 'stuck_parcel' ELSE 'review_revision' END AS kind
    FROM numbers
)
SELECT i, at, kind, 's/o' || i || '/' || kind AS thread, 'b' || i AS buyer, 'agent' || (i % 8) AS agent, i % 5 < 2 AS wrote,
    60000000 AS a_minute, '您好，您的订单我帮您看过了，今天下午给您答复，请您放心，有什么随时说。' AS words
FROM kinds;

CREATE TEMP TABLE twice AS SELECT n.*, j FROM n CROSS JOIN (SELECT 0 AS j UNION ALL SELECT 1);

INSERT INTO orders (shop, id, buyer, status, total_amount, total_currency, created_at, observed_at, paid_at, goods, region,
    buyer_name)
SELECT 's', 'o' || i, buyer, 'paid', CAST(19 + i % 180 AS TEXT) || '.90', 'CNY', at, at,
    CASE WHEN i % 3 THEN at + (i % 4000) * a_minute END, '羊毛围巾', '浙江', '王芳' FROM n;

INSERT INTO buyers (shop, id, name, zone, lang, opted_out_at, nudged_by)
SELECT 's', buyer, '王芳', '', '', CASE WHEN i % 97 = 0 THEN at + 90 * a_minute END, '' FROM n;

INSERT INTO threads (id, shop, order_id, kind, buyer, chat, state, opened_at, acted_at, segment, matter, outcome, closed_at,
    touches, said, agent)
SELECT thread, 's', 'o' || i, kind, buyer, 's/tg/' || buyer, 'settled', at, at, 'new', '', 'paid',
    at + (i % 3000) * a_minute, 2, '', agent FROM n;

INSERT INTO decisions (thread, reminder, shop, buyer, step, at, verdict, reasons, channel, lang, text)
SELECT thread, thread || '/unpaid.help', 's', buyer, 'unpaid.help', at + (15 + j * 60) * a_minute,
    CASE WHEN i % 12 = 0 THEN 'held_out' WHEN i % 12 + j = 1 THEN 'quiet_hours' ELSE 'sent' END,
    '[["settled",true,[],null],["opted_out",true,[],null],["expired",true,[["expires","2026-03-05T00:00+00:00"]],null]]',
    'tg', 'zh-CN', words FROM twice;

INSERT INTO outbox (id, shop, buyer, chat, channel, address, thread, step, role, lang, text, state, created_at, due_at,
    attempts, sent_at, external_id, error, history)
SELECT thread || '/' || j, 's', buyer, 's/tg/' || buyer, 'tg', buyer, thread,
    CASE WHEN j = 0 THEN 'unpaid.help' WHEN i % 2 THEN 'says' ELSE 'reply.received' END,
    CASE j WHEN 0 THEN 'nudge' ELSE 'reply' END, 'zh-CN', words, 'sent', at + 20 * a_minute, at + 20 * a_minute, 1,
    at + (20 + i % 50) * a_minute, 'm' || i || 'x' || j, '', 'started@1 accepted@2' FROM twice WHERE j = 0 OR wrote;

INSERT INTO inbox (source, external_id, shop, chat, at, text, state, error)
SELECT 'tg', 'm' || i || 'x' || j, 's', 's/tg/' || buyer, at + (10 + i % 30 + j) * a_minute, words, 'handled', ''
FROM twice WHERE wrote;

INSERT INTO notes (thread, at, who, text)
SELECT thread, at + 20 * a_minute, agent, CASE WHEN i % 2 THEN 'says ' || words ELSE words END FROM n;

INSERT INTO refunds (shop, id, order_id, status, amount_amount, amount_currency, requested_at, observed_at, settled_at,
    reason)
SELECT 's', 'r' || i, 'o' || i, 'paid_back', '19.90', 'CNY', at, at, at + (i % 5000) * a_minute, '' FROM n
WHERE kind = 'pending_refund';

INSERT INTO tasks (id, shop, thread, reason, text, created_at, state, outgoing, closed_at, closed_by, answer, assignee,
    taken_at)
SELECT 't' || i, 's', thread, CASE WHEN i % 50 = 1 THEN 'angry' ELSE 'buyer_message' END, words, at, 'done', '',
    at + (i % 700) * a_minute, agent, '', agent, at + (i % 90) * a_minute FROM n WHERE i % 2;

INSERT INTO deadlines (id, thread, shop, due, started_at, risk_at, due_at, state, "left", breached_at, closed_at)
SELECT thread || '/first_reply@1', thread, 's', 'first_reply', at, at, at, CASE WHEN i % 9 THEN 'met' ELSE 'breached' END,
    0, CASE WHEN i % 9 = 0 THEN at + 5 * a_minute END, at + 6 * a_minute FROM n;

DROP TABLE twice;
DROP TABLE n
