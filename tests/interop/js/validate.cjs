// Asks an SDK's own validator: cases as JSON on standard input, its judgements as JSON on standard output.
// Usage: node validate.cjs PACKAGE [express]. With "express" it is asked as its middleware asks it: by the parts of a request.
const [name, way] = process.argv.slice(2)
const module_ = require(name)
const sdk = module_.validateRequest ? module_ : module_.RestClient

function asRequest(one) {
  const [, protocol, host, path] = /^(https?):\/\/([^/]+)(\/.*)$/.exec(one.url)
  const headers = { host, 'x-twilio-signature': one.signature, 'x-signalwire-signature': one.signature }
  return { protocol, headers, originalUrl: path, body: one.form, header: (key) => headers[key.toLowerCase()] }
}

function judge(one) {
  if (way === 'express') return sdk.validateExpressRequest(asRequest(one), one.key)
  if (typeof one.form === 'string') return sdk.validateRequestWithBody(one.key, one.signature, one.url, one.form)
  return sdk.validateRequest(one.key, one.signature, one.url, one.form)
}

console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(judge)))
