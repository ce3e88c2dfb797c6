// Signs in by a passkey, where the browser has them: the button stays hidden elsewhere.
import { said } from "./said.js";

const button = document.getElementById("passkey"), wrong = document.getElementById("passkey-wrong");
const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const post = async (path, fields) => {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ token: button.dataset.token, ...fields }) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.detail);
  return result;
};

if (button && window.PublicKeyCredential) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    wrong.hidden = true;
    button.setAttribute("aria-busy", "true");
    try {
      const { challenge } = await post("/sign-in/passkey/challenge", {});
      const found = await navigator.credentials.get({ publicKey: { challenge: bytes(challenge), userVerification: "required" } });
      const { next } = await post("/sign-in/passkey", {
        id: text(found.rawId), client_data: text(found.response.clientDataJSON),
        authenticator_data: text(found.response.authenticatorData), signature: text(found.response.signature),
      });
      location.assign(next);
    } catch (error) {
      wrong.textContent = error.name === "NotAllowedError" ? said("No passkey was used.") : error.message;
      wrong.hidden = false;
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}
