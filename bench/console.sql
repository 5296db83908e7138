-- A shop of :orders orders and :threads matters, of the ninety days before :now: most are over, some wait for a person.

CREATE TEMP TABLE n AS
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :threads - 1),
mixed AS (SELECT i, i % :orders AS o, i * 7919 % :threads AS rank, i * 104729 % 1000003 AS dice FROM numbers)
SELECT i, 'TB' || (2600000000 + o * 17) AS order_id, 'b' || (o * 3 / 4) AS buyer, o, dice, rank,
    :now - 7200000000 - (rank * 7776000000000 / :threads) AS at,
    rank < :threads / 40 OR dice % 100 = 0 AS is_open,
    CASE WHEN i >= :orders THEN
        CASE dice % 4 WHEN 0 THEN 'review_revision' WHEN 1 THEN 'stuck_parcel' WHEN 2 THEN 'late_shipment' ELSE 'after_sales' END
    ELSE CASE WHEN dice % 10 < 7 THEN 'unpaid_order' WHEN dice % 10 < 9 THEN 'pending_refund' ELSE 'inquiry' END END AS kind,
    CASE dice % 8 WHEN 0 THEN 'li' WHEN 1 THEN 'wang' WHEN 2 THEN 'chen' WHEN 3 THEN 'zhao' ELSE '' END AS agent,
    60000000 AS a_minute
FROM mixed;

CREATE TEMP TABLE m AS SELECT n.*, 'tea/' || order_id || '/' || kind AS thread, 'tea/manual/' || buyer AS chat FROM n;

CREATE TEMP TABLE said AS
SELECT 0 AS k, '您好，您拍下的商品还没有付款，是遇到什么问题吗？需要帮忙您直接说。' AS ours, '还没想好，明天再说吧' AS his
UNION ALL SELECT 1, '抱歉让您久等了，仓库今天在打包，发出后我把单号告诉您。', '到底什么时候发货呀'
UNION ALL SELECT 2, '收到您的退款申请了，我们在看，今天下午三点前给您答复。', '杯子碎了两个，我要退款'
UNION ALL SELECT 3, '包裹在中转站停了两天，我已经请快递去查，明天上午给您消息。', '物流三天没动了'
UNION ALL SELECT 4, '谢谢您告诉我们，照片看到了，马上和仓库核对。', '少了一包茶，盒子是开着的'
UNION ALL SELECT 5, '茶叶密封放在阴凉处就好，有什么想问的随时说。', '好的谢谢'
UNION ALL SELECT 6, 'Your tea left the warehouse; I will tell you as soon as it moves again.', 'Thanks, no hurry';

INSERT INTO orders (shop, id, buyer, status, total_amount, total_currency, created_at, observed_at, paid_at, goods, region,
    buyer_name)
SELECT 'tea', order_id, buyer, CASE WHEN is_open AND kind = 'unpaid_order' THEN 'unpaid' ELSE 'finished' END,
    CAST(19 + dice % 380 AS TEXT) || '.90', 'CNY', at, at, CASE WHEN NOT is_open THEN at + a_minute END,
    CASE dice % 7 WHEN 0 THEN '龙井 250 克' WHEN 1 THEN '白瓷盖碗' WHEN 2 THEN '普洱茶饼 357 克' WHEN 3 THEN '紫砂壶'
        WHEN 4 THEN '茉莉花茶 礼盒' WHEN 5 THEN '玻璃公道杯 两只' ELSE '铁观音 小袋装' END, '浙江', '' FROM m WHERE i < :orders;

INSERT INTO buyers (shop, id, name, zone, lang, nudged_by)
SELECT 'tea', buyer, substr('王李张刘陈杨黄赵吴周徐孙', 1 + o % 12, 1)
    || substr('芳伟娜敏静丽强磊军洋勇艳杰娟涛', 1 + dice % 15, 1) || substr('  明华玲', 1 + o % 5, 1), '', '', ''
FROM m GROUP BY buyer;
UPDATE buyers SET name = trim(name);

INSERT INTO chats (id, shop, buyer, channel, address, last_in_at)
SELECT chat, 'tea', buyer, 'manual', buyer, max(at) FROM m GROUP BY buyer;

INSERT INTO threads (id, shop, order_id, kind, buyer, chat, state, opened_at, acted_at, segment, matter, outcome, closed_at,
    touches, said, agent, flag, cause, active_at)
SELECT thread, 'tea', order_id, kind, buyer, chat,
    CASE WHEN is_open THEN CASE dice % 5 WHEN 0 THEN 'with_agent' WHEN 1 THEN 'solved' ELSE 'open' END
        ELSE CASE dice % 6 WHEN 0 THEN 'given_up' WHEN 1 THEN 'closed' ELSE 'settled' END END,
    at, at, 'new', '', CASE WHEN is_open THEN '' ELSE 'paid' END, CASE WHEN NOT is_open THEN at + 55 * a_minute END, 2, '',
    agent, CASE WHEN dice % 33 = 0 THEN 'green' WHEN dice % 41 = 0 THEN 'purple' ELSE '' END,
    CASE WHEN dice % 20 = 0 THEN 'courier' WHEN dice % 27 = 0 THEN 'product' ELSE '' END, at + 55 * a_minute
FROM m;

INSERT INTO outbox (id, shop, buyer, chat, channel, address, thread, step, role, lang, text, state, created_at, due_at,
    attempts, sent_at, external_id, error, history)
SELECT thread || '/' || j, 'tea', buyer, chat, 'manual', buyer, thread, CASE j WHEN 0 THEN 'unpaid.help' ELSE 'reply.received' END,
    CASE j WHEN 0 THEN 'nudge' ELSE 'reply' END, 'zh-CN', ours, 'sent', at + (1 + j * 40) * a_minute, at, 1,
    at + (1 + j * 40) * a_minute, '', '', 'started@1 accepted@2'
FROM m JOIN said ON k = dice % 7 CROSS JOIN (SELECT 0 AS j UNION ALL SELECT 1);

INSERT INTO inbox (source, external_id, shop, chat, at, text, state, error)
SELECT 'manual', 'm' || i, 'tea', chat, at + 30 * a_minute, his, 'handled', '' FROM m JOIN said ON k = dice % 7;

INSERT INTO notes (thread, at, who, text)
SELECT thread, at + (30 + dice % 30) * a_minute, 'buyer', his FROM m JOIN said ON k = dice % 7;

INSERT INTO decisions (thread, reminder, shop, buyer, step, at, verdict, reasons, channel, lang, text)
SELECT thread, thread || '/0', 'tea', buyer, 'unpaid.help', at + a_minute,
    CASE WHEN dice % 12 = 0 THEN 'quiet_hours' WHEN dice % 29 = 0 THEN 'capped' ELSE 'sent' END,
    '[["settled",true,[],null],["opted_out",true,[],null]]', 'manual', 'zh-CN', ours FROM m JOIN said ON k = dice % 7;

INSERT INTO reminders (id, thread, shop, buyer, step, due_at, state, priority, error)
SELECT thread || '/' || step, thread, 'tea', buyer, step, :now + (30 + dice % 5000) * a_minute,
    CASE WHEN is_open THEN 'pending' ELSE 'fired' END, 0, ''
FROM (SELECT m.*, CASE kind WHEN 'unpaid_order' THEN 'unpaid.last_call' WHEN 'pending_refund' THEN 'refund.daily'
    WHEN 'review_revision' THEN 'review.retry' WHEN 'stuck_parcel' THEN 'stuck.daily' WHEN 'late_shipment' THEN 'late.daily'
    ELSE 'sales.tick' END AS step FROM m);

INSERT INTO tasks (id, shop, thread, reason, text, created_at, state, outgoing, closed_at, closed_by, answer, assignee, due_at,
    urgent)
SELECT thread || '/t', 'tea', thread, CASE WHEN dice % 50 = 1 THEN 'angry' ELSE 'buyer_message' END, his,
    :now - (dice % 400) * a_minute, CASE WHEN is_open THEN 'open' ELSE 'done' END, '', CASE WHEN NOT is_open THEN at END, '', '',
    agent, :now + (dice % 900 - 200) * a_minute, dice % 50 = 1
FROM m JOIN said ON k = dice % 7 WHERE dice % 9 = 1;

INSERT INTO deadlines (id, thread, shop, due, started_at, risk_at, due_at, next_at, state, "left", breached_at, closed_at)
SELECT thread || '/first_reply@1', thread, 'tea', 'first_reply', at, :now + dice % 900 * a_minute, :now + (60 + dice % 900) * a_minute,
    CASE WHEN is_open THEN :now + 600 * a_minute + dice END,
    CASE WHEN NOT is_open THEN 'met' WHEN dice % 7 = 1 THEN 'paused' ELSE 'running' END, 3600000000,
    CASE WHEN is_open AND dice % 8 = 1 THEN :now - dice % 90 * a_minute END, CASE WHEN NOT is_open THEN at + 2 * a_minute END
FROM m WHERE dice % 3;

INSERT INTO parcels (shop, id, order_id, status, shipped_at, observed_at, courier, moved_at, place, signed_at, back)
SELECT 'tea', 'SF' || (300000000 + o), order_id, 'signed', at, at, '顺丰', at, '杭州', at, 0 FROM m WHERE i < :orders AND dice % 2;

INSERT INTO after_sales (thread, shop, branch, stage, cause, needs, has, remedy, payer, tracking, reissued, round)
SELECT thread, 'tea', 'damaged_signed', 'solve', CASE WHEN dice % 5 = 0 THEN 'courier' ELSE '' END, '', '', '', '', '', '', 1
FROM m WHERE kind = 'after_sales';

DROP TABLE said;
DROP TABLE m;
DROP TABLE n
