import { keepWith } from "./own-scripts.js";

/* What is kept weighs about as much as three pages: not for someone who asked to save data. */
const { connection } = navigator;
if (!(connection && connection.saveData)) keepWith("/service-worker.js");
