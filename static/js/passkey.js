/** Passkeys (WebAuthn): show their forms where the browser has them, and fill the hidden credential before a form is sent. */
const english = document.documentElement.lang.startsWith("en");
const WORDS = {
  refused: ["没有完成。您可以再试一次，或换一种方式。", "It was not completed. Try again, or choose another way."],
  known: ["这把密钥已经添加过。", "This key has been added already."],
  address: ["通行密钥要从网站的名字打开，不能用 IP 地址。", "Open the site by its name, not by an IP address, to use passkeys."],
  failed: ["没有连上网站，请再试一次。", "The site could not be reached. Please try again."],
};
const say = (key) => WORDS[key][english ? 1 : 0];

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const named = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

/** Ask for a new key that can sign in alone: it stays on the device and asks who is there. */
async function create(options) {
  const wanted = options.publicKey;
  const publicKey = {
    ...wanted,
    challenge: toBytes(wanted.challenge),
    user: { ...wanted.user, id: toBytes(wanted.user.id) },
    excludeCredentials: named(wanted.excludeCredentials),
    authenticatorSelection: {
      ...wanted.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
    },
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    type: made.type, id: made.id, rawId: toText(made.rawId), clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    },
  };
}

async function get(options) {
  const wanted = options.publicKey;
  const publicKey = { ...wanted, challenge: toBytes(wanted.challenge), allowCredentials: named(wanted.allowCredentials) };
  const given = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
  return {
    type: given.type, id: given.id, rawId: toText(given.rawId), clientExtensionResults: given.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(clientDataJSON), authenticatorData: toText(authenticatorData), signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

async function credential(form) {
  if (form.dataset.passkey === "sign-in") {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new TypeError("no options");
    return get((await answer.json()).request_options);
  }
  const data = JSON.parse(document.getElementById("passkey-data").textContent);
  return form.dataset.passkey === "create" ? create(data.creation_options) : get(data.request_options);
}

function reason(problem) {
  if (problem.name === "InvalidStateError") return say("known");
  if (problem.name === "SecurityError") return say("address");
  return say(problem instanceof DOMException ? "refused" : "failed");
}

// A key belongs to a name; at an IP address browsers refuse, so nothing is offered there.
const isAddress = /^[\d.]+$|^\[/.test(window.location.hostname);

if (window.PublicKeyCredential && !isAddress) {
  for (const note of document.querySelectorAll("[data-passkey-without]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.closest("[data-passkey-frame]")?.removeAttribute("hidden");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const error = form.querySelector("[data-passkey-error]");
      error.hidden = true;
      try {
        form.elements.namedItem("credential").value = JSON.stringify(await credential(form));
        form.submit();
      } catch (problem) {
        error.textContent = reason(problem);
        error.hidden = false;
      }
    });
  }
}
