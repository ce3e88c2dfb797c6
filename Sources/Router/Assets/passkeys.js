// Adds a passkey, where the browser has them: the form stays hidden elsewhere.
import { said } from "./said.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const post = async (path, body) => {
  const answer = await fetch(path, { method: "POST", headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.type === "urn:roundhouse:unconfirmed" ? said("Sign in anew first: this needs a sign-in of the last ten minutes.") : result.detail);
  return result;
};

export function passkeys(root) {
  const form = root.querySelector("[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = form.querySelector("[data-passkey-wrong]");
    wrong.textContent = "";
    try {
      const begun = await post("/api/v1/me/passkeys/challenge");
      const made = await navigator.credentials.create({ publicKey: {
        challenge: bytes(begun.challenge), rp: { name: "Roundhouse" }, user: { id: bytes(begun.user_id), name: begun.email, displayName: begun.email },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: begun.known.map((id) => ({ type: "public-key", id: bytes(id) })),
      } });
      await post("/api/v1/me/passkeys", {
        name: form.elements.name.value || "Passkey", id: text(made.rawId), public_key: text(made.response.getPublicKey()),
        algorithm: made.response.getPublicKeyAlgorithm(), client_data: text(made.response.clientDataJSON),
        authenticator_data: text(made.response.getAuthenticatorData()),
      });
      location.assign("/account?done=made");
    } catch (error) {
      wrong.textContent = error.name === "NotAllowedError" ? said("No passkey was made.") : error.message;
    }
  });
}
