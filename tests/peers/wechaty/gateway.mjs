// A real Wechaty gateway over a pretended WeChat account, on loopback.
//
//   node gateway.mjs '{"port": 8788, "control": 8789, "token": "…", "login": true}'
//
// Buyers are steered over HTTP at `control`; every path takes and answers JSON. It prints "ready" once both ports
// listen, and ends when its standard input does, so that no killed test leaves it behind.
import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import { json } from 'node:stream/consumers'
import { FileBox } from 'file-box'
import { PuppetServer } from 'wechaty-puppet-service'
import { PuppetMock, mock } from 'wechaty-puppet-mock'

const options = JSON.parse(process.argv[2])
const BOT = 'wxid_bot'
const INDIVIDUAL = 1, CONTACT = 2, TEXT = 7, RECALLED = 13
const sent = [], starts = [], news = new EventEmitter()
const now = () => performance.timeOrigin + performance.now() // milliseconds, with fractions
const faults = { fail: 0, delay: 0, ids: true, recalls: false }
let loggedIn = options.login ?? true

class Account extends PuppetMock {
  async onStart () {
    starts.push(Date.now())
    return super.onStart()
  }

  async messageSendText (to, text) {
    return this.say(to, { text })
  }

  async messageSendFile (to, file) {
    return this.say(to, { file: file.name, base64: await file.toBase64() }, file)
  }

  async messageRecall () {
    return faults.recalls
  }

  async say (to, what, file) {
    if (!this.isLoggedIn) throw new Error('not logged in')
    await new Promise(resolve => setTimeout(resolve, faults.delay))
    if (faults.fail > 0) {
      faults.fail -= 1
      throw new Error('WeChat did not take it')
    }
    const id = heardFrom(person(BOT), to, file ?? what.text)
    sent.push({ to, id, at: now(), ...what })
    news.emit('sent')
    return faults.ids ? id : undefined
  }
}

const mocker = new mock.Mocker()
const puppet = new Account({ mocker })
const bot = person(BOT, '小店助手')
// A client stops and starts the account when it attaches, as an owner's telephone would find it logged in again.
mocker.use(() => {
  if (loggedIn && !puppet.isLoggedIn) mocker.login(bot)
  return () => {}
})

function person (id, name = `买家 ${id}`, type = INDIVIDUAL) {
  if (mocker.cacheContactPayload.has(id)) return mocker.ContactMock.load(id)
  return mocker.createContact({ id, name, type, alias: '', phone: [] })
}

function room (id) {
  if (mocker.cacheRoomPayload.has(id)) return mocker.RoomMock.load(id)
  return mocker.createRoom({ id, topic: '团购群', memberIdList: [BOT], ownerId: BOT })
}

function heardFrom (talker, to, what, mentions = []) {
  let id
  const note = message => { id = message.id }
  talker.once('message', note)
  talker.say(what, mentions.map(each => person(each))).to(to.includes('@') ? room(to) : person(to))
  return id
}

function says (from) {
  const at = now()
  heardFrom(person(from), BOT, '在吗')
  return { from, at }
}

function fileBox ({ base64, url, name }) {
  return url ? FileBox.fromUrl(url, { name }) : FileBox.fromBase64(base64, name)
}

function deliver (payload) {
  const id = payload.id ?? `made-${mocker.cacheMessagePayload.size}`
  mocker.MessageMock.create({ listenerId: BOT, timestamp: Date.now(), type: TEXT, ...payload, id })
  puppet.emit('message', { messageId: id })
  return { id }
}

const paths = {
  '/contact': ({ id, name, type }) => ({ id: person(id, name, type).id }),
  '/rename': ({ id, name }) => {
    mocker.contactPayload(id, { ...mocker.contactPayload(id), name })
    return puppet.dirtyPayload(CONTACT, id)
  },
  '/say': ({ from, to = BOT, text, file, mentions }) =>
    ({ id: heardFrom(person(from), to, file ? fileBox(file) : text, mentions) }),
  // Each of these buyers says a word, all at once, and has an answer; or one when the one before has his.
  '/burst': async ({ from }) => {
    const before = sent.length, said = from.map(says)
    while (sent.length < before + from.length) await once(news, 'sent')
    return { said, sent: sent.slice(before) }
  },
  '/in-turn': async ({ from }) => {
    const before = sent.length, said = []
    for (const each of from) {
      said.push(says(each))
      while (sent.length < before + said.length) await once(news, 'sent')
    }
    return { said, sent: sent.slice(before) }
  },
  '/deliver': payload => deliver(payload),
  '/recall': ({ from, id }) => deliver({ talkerId: person(from).id, type: RECALLED, text: id }),
  '/emit': ({ event, payload }) => ({ taken: puppet.emit(event, payload) }),
  '/sent': ({ since = 0 }) => ({ sent: sent.slice(since) }),
  '/login': () => { loggedIn = true; if (!puppet.isLoggedIn) mocker.login(bot) },
  '/logout': async () => { loggedIn = false; await puppet.logout('the telephone said so') },
  '/scan': ({ qrcode }) => { mocker.scan(qrcode) },
  '/faults': changes => Object.assign(faults, changes),
  '/state': () => ({ loggedIn: puppet.isLoggedIn, starts, listeners: puppet.listenerCount('message') })
}

const server = new PuppetServer({
  endpoint: `127.0.0.1:${options.port}`, puppet, token: options.token, tls: { disable: true }
})
await server.start()
await puppet.start()
setInterval(() => puppet.emit('heartbeat', { data: 'alive' }), 10_000)
http.createServer(async (request, response) => {
  let status = 200, answer
  try {
    answer = await paths[request.url](await json(request))
  } catch (error) {
    [status, answer] = [500, { error: String(error) }]
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
}).listen(options.control, '127.0.0.1', () => console.log('ready'))
process.stdin.on('end', () => process.exit(0)).resume()
