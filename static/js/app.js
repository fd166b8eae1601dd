// Behaviours of every page. Each is a module that does nothing where its markup is absent.
import { attachmentForms } from "./attachments.js";
import { drawCharts } from "./charts.js";
import { guardForms } from "./forms.js";
import { startOffline } from "./offline-start.js";
import { mentions } from "./mentions.js";
import { quickSearch } from "./search.js";

function enhance(root) {
  drawCharts(root);
}

// A bar of tabs that scrolls sideways on a phone shows where one is.
document.querySelector(".account-tabs .active")?.scrollIntoView({ block: "nearest", inline: "center" });
attachmentForms();
guardForms();
mentions();
quickSearch();
startOffline();
document.addEventListener("DOMContentLoaded", () => enhance(document));
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
if (document.readyState !== "loading") enhance(document);
