// An OpenID provider made with the package oidc-provider: two people, three clients, a login and a consent page.
// Usage: node provider.mjs [port]     (3900 if it is not given)

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { Provider } from "oidc-provider";

const PORT = Number(process.argv[2] ?? 3900);
const ISSUER = `http://127.0.0.1:${PORT}`;
const secret = (name, otherwise) => process.env[name] || otherwise;

const PEOPLE = {
  alice: {
    password: secret("ALICE_PASSWORD", "open-sesame-1"),
    claims: {
      name: "Alice Example",
      given_name: "Alice",
      family_name: "Example",
      gender: "female",
      birthdate: "1990-02-28",
      locale: "fr-FR",
      zoneinfo: "Africa/Dakar",
      email: "alice@people.example",
      email_verified: true,
      phone_number: "+221701234567",
      phone_number_verified: false,
      address: { formatted: "1 Rue Exemple, Dakar", country: "SN" },
    },
  },
  bob: { password: secret("BOB_PASSWORD", "open-sesame-2"), claims: { name: "Bob Example", email: "bob@people.example", email_verified: true } },
};

/** Gives a fresh RSA key as a JWK, with the thumbprint of RFC 7638 as its identifier. */
function rsaKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const members = JSON.stringify({ e: jwk.e, kty: jwk.kty, n: jwk.n });
  return { ...jwk, kid: createHash("sha256").update(members).digest("base64url"), use: "sig", alg: "RS256" };
}

/** Gives a public key of the harness; the pair is made and written beside this program when it first starts. */
function clientKey(name) {
  const file = new URL(name, import.meta.url);
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(rsaKey(), null, 2), { mode: 0o600 });
  const { kty, n, e, kid, use, alg } = JSON.parse(readFileSync(file, "utf8"));
  return { kty, n, e, kid, use, alg };
}

/** Gives a client that proves itself by a key. */
const keyed = (client_id, file, redirect_uri) => ({
  client_id,
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_signing_alg: "RS256",
  jwks: { keys: [clientKey(file)] },
  redirect_uris: [redirect_uri],
});

const provider = new Provider(ISSUER, {
  jwks: { keys: [rsaKey()] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  clients: [
    keyed("harness-key", "client.jwk", "https://client.example/cb"),
    keyed("harness-other", "other.jwk", "https://other.example/cb"),
    {
      client_id: "harness-basic",
      client_secret: secret("BASIC_SECRET", "a-secret-of-the-harness-1"),
      token_endpoint_auth_method: "client_secret_basic",
      redirect_uris: ["https://basic.example/cb"],
    },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name", "given_name", "family_name", "gender", "birthdate", "locale", "zoneinfo"],
    email: ["email", "email_verified"],
    phone: ["phone_number", "phone_number_verified"],
    address: ["address"],
  },
  features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => false },
  // What has expired is taken for another 15 seconds: the package's clockTolerance, as product.yaml declares.
  ttl: { AccessToken: 10, AuthorizationCode: 15, IdToken: 600, Interaction: 600, Grant: 3600, Session: 3600 },
  findAccount: (_, sub) =>
    PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub].claims }) },
});

const page = (body) => `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Sign in</title><body>${body}</body></html>`;

const loginPage = (uid, said = "") =>
  page(`<h1>Sign in</h1><p role="alert">${said}</p><form method="post" action="/interaction/${uid}/login">
    <label>Name <input name="user" autocomplete="username"></label>
    <label>Password <input name="pass" type="password"></label>
    <button>Sign in</button></form><a href="/interaction/${uid}/abort">Cancel</a>`);

const consentPage = (uid, claims) =>
  page(`<h1>May this be told?</h1><form method="post" action="/interaction/${uid}/consent">
    ${claims.map((one) => `<label><input type="checkbox" name="claim" value="${one}"> ${one}</label>`).join("\n")}
    <button>Allow</button></form><a href="/interaction/${uid}/abort">Refuse</a>`);

/** Reads a form of at most 64 kB. */
async function form(request) {
  let text = "";
  for await (const piece of request) if ((text += piece).length > 65536) throw new Error("too long");
  return new URLSearchParams(text);
}

/** Gives the claims that a consent page asks about: those of the scopes and those named in `claims`. */
function asked({ missingOIDCScope = [], missingOIDCClaims = [] }) {
  const groups = { profile: ["name", "birthdate"], email: ["email"], phone: ["phone_number"], address: ["address"] };
  return [...new Set([...missingOIDCScope.flatMap((scope) => groups[scope] ?? []), ...missingOIDCClaims])];
}

/** Grants what was agreed to, and notes what was refused, so that it is not asked for again. */
async function granted({ session, params, prompt, grantId }, agreed) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope = [], missingOIDCClaims = [] } = prompt.details;
  if (missingOIDCScope.length) grant.addOIDCScope(missingOIDCScope.join(" "));
  const refused = asked(prompt.details).filter((claim) => !agreed.includes(claim));
  if (missingOIDCClaims.length) grant.addOIDCClaims(missingOIDCClaims.filter((claim) => !refused.includes(claim)));
  if (refused.length) grant.rejectOIDCClaims(refused);
  return grant.save();
}

provider.use(async (ctx, next) => {
  const [, uid, step] = ctx.path.match(/^\/interaction\/([\w-]+)(?:\/(login|consent|abort))?$/) ?? [];
  if (!uid) return next();
  const { req, res } = ctx;
  const details = await provider.interactionDetails(req, res);
  ctx.set("Cache-Control", "no-store");
  if (step === "abort") {
    ctx.respond = false;
    return provider.interactionFinished(req, res, { error: "access_denied", error_description: "The person refused." });
  }
  if (!step) {
    ctx.type = "html";
    ctx.body = details.prompt.name === "login" ? loginPage(uid) : consentPage(uid, asked(details.prompt.details));
    return undefined;
  }
  const sent = await form(req);
  if (step === "login") {
    const user = sent.get("user");
    if (!Object.hasOwn(PEOPLE, user) || PEOPLE[user].password !== sent.get("pass")) {
      ctx.type = "html";
      ctx.body = loginPage(uid, "Name or password is wrong.");
      return undefined;
    }
    ctx.respond = false;
    return provider.interactionFinished(req, res, { login: { accountId: user } }, { mergeWithLastSubmission: false });
  }
  const grantId = await granted(details, sent.getAll("claim"));
  ctx.respond = false;
  return provider.interactionFinished(req, res, { consent: { grantId } }, { mergeWithLastSubmission: true });
});

provider.listen(PORT, "127.0.0.1", () => console.log(`${ISSUER}/.well-known/openid-configuration`));
