// Files are sent as they are chosen: photos made smaller first, each under a key of its own, so that a retry is no double.
const LONGEST_SIDE = 2560;
const SMALL_ENOUGH = 1.5 * 1024 * 1024;
const PHOTO = /^image\/(jpeg|png|webp|heic|heif|avif)$/;

// A photo as JPEG of at most 2560 pixels; the file itself where it is small, none, or beyond what this browser decodes.
export async function smaller(file) {
  const heic = /\.hei[cf]$/i.test(file.name) || /hei[cf]$/.test(file.type);
  if (!heic && (!PHOTO.test(file.type) || file.size <= SMALL_ENOUGH)) return file;
  if (file.type === "image/png" && file.size < 4 * SMALL_ENOUGH) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
    if (!blob || (blob.size >= file.size && !heic)) return file;
    return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

// Sends one file. `fields` says what it belongs to: account, visit_key, observation, opportunity or complaint.
// Gives { ok, status, error, ...what the server says }; status 0 means that there was no network: keep it and try again.
export function send(url, file, fields, { token, key = crypto.randomUUID(), onProgress = () => {} } = {}) {
  return new Promise((resolve) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("client_key", key);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    if (token) request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(Math.round((100 * event.loaded) / event.total));
    });
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = {};
      }
      resolve({ ...answer, ok: request.status >= 200 && request.status < 300, status: request.status });
    });
    request.addEventListener("error", () => resolve({ ok: false, status: 0 }));
    request.send(body);
  });
}

function line(list, name) {
  const row = document.createElement("li");
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  words.className = "ms-2";
  words.textContent = name;
  row.append(bar, words);
  list.append(row);
  return {
    progress: (percent) => (bar.value = percent),
    done: () => row.remove(),
    failed: (reason) => {
      bar.remove();
      row.classList.add("text-red");
      words.textContent = `${name}: ${reason}`;
    },
  };
}

async function sendAll(form, files) {
  const list = form.querySelector(".attachment-progress");
  const data = new FormData(form);
  const fields = {};
  for (const name of ["account", "visit_key", "observation", "opportunity", "complaint"]) {
    if (data.get(name)) fields[name] = data.get(name);
  }
  list.replaceChildren();
  for (const chosen of files) {
    const row = line(list, chosen.name);
    const file = await smaller(chosen);
    if (!/^image\//.test(file.type) && file.size > Number(form.dataset.most) * 1024 * 1024) {
      row.failed(form.dataset.tooLarge);
      continue;
    }
    const token = data.get("csrfmiddlewaretoken");
    const answer = await send(form.action, file, fields, { token, onProgress: row.progress });
    if (answer.ok) row.done();
    else row.failed(answer.error || form.dataset.failed);
  }
  const shown = form.closest("[data-attachments]")?.querySelector("[data-attachment-list]");
  if (shown) shown.dispatchEvent(new CustomEvent("attachments:changed"));
}

export function attachmentForms() {
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !("attachmentInput" in input.dataset)) return;
    const files = [...input.files];
    if (!files.length) return;
    input.disabled = true;
    await sendAll(input.form, files);
    input.disabled = false;
    input.value = "";
  });
}
