// Accounts as a supabase-js application keeps them: every way in, out and through.
import { AuthAdminApi, AuthClient } from "@supabase/auth-js";
import { createHmac } from "node:crypto";
import { claim, connect, good, place, report, same, watch, watchObject } from "./contract.js";

// The client's own classes; supabase-js' is a subclass of the first.
watch({ AuthClient: parent(AuthClient), AuthAdminApi: parent(AuthAdminApi) });

function parent(type) {
  const found = Object.getPrototypeOf(type);
  return found.prototype ? found : type;
}

const app = "https://app.example.com/welcome";
const password = "three plain words";
const other = "four other plain words";
let number = 0;
const address = () => `js${process.pid}.${(number += 1)}.${Date.now()}@example.com`;
const admin = connect(place.service).auth.admin;
const code = ({ error }) => error?.code ?? null;

/** An account with a proved address, and a client in which it is signed in. */
async function member({ flowType, ...more } = {}) {
  const email = address();
  const { user } = good(await admin.createUser({ email, password, email_confirm: true, ...more }));
  const client = connect(place.anon, { flowType });
  good(await client.auth.signInWithPassword({ email, password }));
  return { client, email, auth: client.auth, id: user.id };
}

claim("sign-up, with what the form said, makes an account whose rows it then owns", async () => {
  const client = connect();
  const email = address();
  const { user, session } = good(await client.auth.signUp({ email, password, options: { data: { name: "Ada" } } }));
  same([user.email, user.user_metadata.name], [email, "Ada"]);
  same(session !== null, !place.confirmsEmail);
  const known = good(await connect().auth.signUp({ email: (await member()).email, password: other }));
  same(known.session !== null, false);
  same(Object.keys(known.user).sort(), Object.keys(user).sort());
  same(code(await connect().auth.signUp({ email: address(), password: "x" })), "weak_password");
});
claim("password sign-in: known, unknown and wrong sound alike", async () => {
  const { email, auth } = await member();
  const { session } = good(await auth.getSession());
  same([session.token_type, session.expires_in], ["bearer", 3600]);
  const wrong = await connect().auth.signInWithPassword({ email, password: other });
  const unknown = await connect().auth.signInWithPassword({ email: address(), password });
  same([code(wrong), wrong.error.message, wrong.error.status], [code(unknown), unknown.error.message, unknown.error.status]);
  same(code(wrong), "invalid_credentials");
});
claim("the session acts in the data API as that person, and ends with it", async () => {
  const { client, auth, id } = await member();
  same(good(await client.rpc("who_am_i")).claims.sub, id);
  same(good(await client.rpc("who_am_i")).role, "authenticated");
  good(await auth.signOut());
  same(good(await client.rpc("who_am_i")).role, "anon");
});
claim("getUser, getClaims and isThrowOnErrorEnabled tell who is signed in", async () => {
  const { auth, id, email } = await member();
  same(good(await auth.getUser()).user.id, id);
  const { claims } = good(await auth.getClaims());
  same([claims.sub, claims.email, claims.role, claims.aal, claims.is_anonymous], [id, email, "authenticated", "aal1", false]);
  same(Boolean(auth.isThrowOnErrorEnabled()), false);
  same((await connect().auth.getUser()).data.user, null);
  same((await connect().auth.getUser("a.b.c")).error.status >= 400, true);
});
claim("refresh tokens rotate; one that was used long ago or is made up is refused", async () => {
  const { auth } = await member();
  const first = good(await auth.getSession()).session;
  const second = good(await auth.refreshSession()).session;
  same(first.refresh_token === second.refresh_token, false);
  same(good(await connect().auth.refreshSession({ refresh_token: second.refresh_token })).session !== null, true);
  same(code(await connect().auth.refreshSession({ refresh_token: "made-up-token" })), "refresh_token_not_found");
});
claim("setSession takes a session over; a forged one is refused", async () => {
  const { auth, id } = await member();
  const { access_token, refresh_token } = good(await auth.getSession()).session;
  const elsewhere = connect();
  same(good(await elsewhere.auth.setSession({ access_token, refresh_token })).user.id, id);
  const forged = await connect().auth.setSession({ access_token: `${access_token.slice(0, -4)}AAAA`, refresh_token: "x" });
  same(forged.error !== null, true);
});
claim("sign-out: here, elsewhere, everywhere", async () => {
  const { auth, email } = await member();
  const second = connect();
  good(await second.auth.signInWithPassword({ email, password }));
  good(await auth.signOut({ scope: "others" }));
  same((await second.auth.refreshSession()).error !== null, true);
  same(good(await auth.getUser()).user.email, email);
  good(await second.auth.signInWithPassword({ email, password }));
  good(await second.auth.signOut({ scope: "local" }));
  same(good(await auth.getUser()).user.email, email);
  good(await second.auth.signInWithPassword({ email, password }));
  good(await auth.signOut({ scope: "global" }));
  same((await second.auth.getUser()).data.user, null);
});
claim("updateUser changes metadata and password", async () => {
  const { auth, email } = await member();
  same(good(await auth.updateUser({ data: { name: "Grace" } })).user.user_metadata.name, "Grace");
  same(code(await auth.updateUser({ password })), "same_password");
  good(await auth.updateUser({ password: other }));
  good(await connect().auth.signInWithPassword({ email, password: other }));
});
claim("verifyOtp takes the hash and the code of a link once, of every kind", async () => {
  const { email } = await member();
  for (const type of ["magiclink", "recovery"]) {
    const { properties } = good(await admin.generateLink({ type, email, options: { redirectTo: app } }));
    const byHash = connect();
    same(good(await byHash.auth.verifyOtp({ token_hash: properties.hashed_token, type })).user.email, email);
    same(code(await connect().auth.verifyOtp({ token_hash: properties.hashed_token, type })), "otp_expired");
    const again = good(await admin.generateLink({ type, email })).properties;
    const byCode = connect();
    const kind = type === "magiclink" ? "email" : type;
    same(good(await byCode.auth.verifyOtp({ email, token: again.email_otp, type: kind })).user.email, email);
  }
  const fresh = address();
  const made = good(await admin.generateLink({ type: "signup", email: fresh, password })).properties;
  same(good(await connect().auth.verifyOtp({ token_hash: made.hashed_token, type: "signup" })).user.email, fresh);
  const invited = good(await admin.generateLink({ type: "invite", email: address() })).properties;
  same(good(await connect().auth.verifyOtp({ token_hash: invited.hashed_token, type: "invite" })).session !== null, true);
  same(code(await connect().auth.verifyOtp({ email, token: "000000", type: "email" })), "otp_expired");
});
claim("magic link, recovery and resend sound the same for people and for nobody", async () => {
  // Each to another address: one address hears from us once a minute, whoever asks.
  const { auth } = connect();
  for (const asked of [
    (email) => auth.resetPasswordForEmail(email, { redirectTo: app }),
    (email) => auth.signInWithOtp({ email, options: { shouldCreateUser: true } }),
    (email) => auth.resend({ type: "signup", email }),
  ]) {
    const known = await asked((await member()).email);
    const unknown = await asked(address());
    same([known.error, known.data], [unknown.error, unknown.data]);
    same(code(known), null);
  }
  const { email } = await member();
  good(await auth.resetPasswordForEmail(email));
  same(code(await auth.resetPasswordForEmail(email)), "over_email_send_rate_limit");
});
claim("reauthenticate sends the code with which a password is changed", async () => {
  const { auth } = await member();
  good(await auth.reauthenticate());
  same((await connect().auth.reauthenticate()).error !== null, true);
});
claim("PKCE: a code is worth a session to whoever has the verifier, once", async () => {
  const { auth } = await member({ flowType: "pkce" });
  same((await auth.exchangeCodeForSession("00000000-0000-4000-8000-000000000000")).error !== null, true);
  const { url } = good(await connect(place.anon, { flowType: "pkce" }).auth.signInWithOAuth({ provider: "google", options: { skipBrowserRedirect: true, redirectTo: app } }));
  same(new URL(url).searchParams.get("code_challenge_method"), "s256");
  const answer = await fetch(url, { redirect: "manual" });
  same([302, 303, 400].includes(answer.status), true);
});
claim("what is off says so: strangers without a name, SSO, wallets, ids of others", async () => {
  same(code(await connect().auth.signInAnonymously()), "anonymous_provider_disabled");
  same((await connect().auth.signInWithSSO({ domain: "example.com" })).error !== null, true);
  same((await connect().auth.signInWithIdToken({ provider: "google", token: "a.b.c" })).error !== null, true);
  for (const auth of [connect().auth]) {
    const signed = { message: "Sign in", signature: `0x${"0".repeat(130)}` };
    same((await auth.signInWithWeb3({ chain: "ethereum", ...signed })).error !== null, true);
    same((await auth.signInWithWeb3({ chain: "solana", message: "Sign in", signature: new Uint8Array(64) })).error !== null, true);
  }
});
claim("identities are told; the last one can't be taken away", async () => {
  const { auth } = await member();
  const { identities } = good(await auth.getUserIdentities());
  same(identities.map((identity) => identity.provider), ["email"]);
  same((await auth.unlinkIdentity(identities[0])).error !== null, true);
  const linked = await auth.linkIdentity({ provider: "google", options: { skipBrowserRedirect: true } });
  same(linked.error !== null || linked.data.url !== undefined, true);
});
claim("a second factor: enrolled, challenged, verified, asked for, removed", async () => {
  const { auth } = await member();
  watchObject("mfa", auth.mfa);
  const enrolled = good(await auth.mfa.enroll({ factorType: "totp", friendlyName: "Phone" }));
  const challenge = good(await auth.mfa.challenge({ factorId: enrolled.id }));
  const wrong = await auth.mfa.verify({ factorId: enrolled.id, challengeId: challenge.id, code: "000000" });
  same(code(wrong), "mfa_verification_failed");
  good(await auth.mfa.challengeAndVerify({ factorId: enrolled.id, code: totp(enrolled.totp.secret) }));
  const level = good(await auth.mfa.getAuthenticatorAssuranceLevel());
  same([level.currentLevel, level.nextLevel], ["aal2", "aal2"]);
  same(good(await auth.mfa.listFactors()).totp.length, 1);
  same(good(await auth.mfa.unenroll({ factorId: enrolled.id })).id, enrolled.id);
});
claim("onAuthStateChange hears of it; refreshing can be started, stopped and disposed of", async () => {
  const { auth } = await member();
  const heard = [];
  const { subscription } = auth.onAuthStateChange((event) => void heard.push(event)).data;
  good(await auth.updateUser({ data: { seen: true } }));
  good(await auth.signOut());
  same(heard.includes("USER_UPDATED") && heard.includes("SIGNED_OUT"), true);
  subscription.unsubscribe();
  await auth.startAutoRefresh();
  await auth.stopAutoRefresh();
  same(good(await connect().auth.initialize()) ?? null, null);
  auth.dispose();
});
claim("the service key lists, finds, changes, invites and deletes accounts, and signs them out", async () => {
  const { id, email, auth } = await member();
  same(good(await admin.getUserById(id)).user.email, email);
  same(good(await admin.listUsers({ page: 1, perPage: 2 })).users.length, 2);
  same(good(await admin.updateUserById(id, { app_metadata: { plan: "pro" } })).user.app_metadata.plan, "pro");
  const invited = address();
  same(good(await admin.inviteUserByEmail(invited, { redirectTo: app })).user.email, invited);
  same(good(await admin.mfa.listFactors({ userId: id })).factors, []);
  const { session } = good(await auth.getSession());
  good(await admin.signOut(session.access_token));
  same((await auth.getUser()).data.user, null);
  good(await admin.deleteUser(id));
  same(code(await admin.getUserById(id)), "user_not_found");
});
claim("nobody else has the service key's rights", async () => {
  const { client } = await member();
  const { session } = good(await client.auth.getSession());
  for (const key of [place.anon, session.access_token]) {
    const { auth } = connect(key);
    same((await auth.admin.listUsers()).error.status >= 401, true);
    same((await auth.admin.createUser({ email: address(), password })).error.status >= 401, true);
    same((await auth.admin.generateLink({ type: "recovery", email: address() })).error.status >= 401, true);
  }
});

/** The six digits of now. Source: RFC 6238. */
function totp(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/=+$/, "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

await report();
