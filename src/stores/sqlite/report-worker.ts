/**
 * Twice the length at which a commit copies the write-ahead log into the file. A log can be begun anew only while nobody reads
 * from it, and where the reports of several processes overlap there is no such moment. So none begins while the log is longer:
 * those that run end, and one of those that wait cuts it back.
 *
 * Source: SQLite, "Write-Ahead Logging", 6, "Avoiding Excessively Large WAL Files".
 */
const LONGEST_LOG_BYTES = 64 * 1024 * 1024;
/** Longer than nearly every report, and no more than half of what one may take. */
const LOG_WAIT_MS = 5_000;

/**
 * The program of the thread that runs reports, as text: so it needs no file beside the package, however an app is
 * bundled. It opens the file with the driver of the app, reads alone, and hands rows over in chunks, since whoever
 * receives them holds its event loop meanwhile; as JSON, which is read faster than messages with objects are. Where the
 * system can, it steps back behind threads that serve requests.
 */
export const REPORT_WORKER = `
const { parentPort, workerData: { driver, file, chunkRows } } = require('node:worker_threads');
const { statSync } = require('node:fs');
let database;
let rest = [];
try {
  // On Linux this is the priority of the thread, elsewhere that of the whole process.
  if (process.platform === 'linux') require('node:os').setPriority(0, 10);
} catch {}

function open() {
  const exported = require(driver);
  const Database = typeof exported === 'function' ? exported : (exported.DatabaseSync ?? exported.default);
  database = new Database(file);
  database.exec('PRAGMA busy_timeout = 1000; PRAGMA query_only = 1; PRAGMA cache_size = -16000');
  database.prepare('SELECT MAX(version) FROM gateway_migrations').all();
}

function isLogLong() {
  try {
    return statSync(file + '-wal').size > ${LONGEST_LOG_BYTES};
  } catch {
    return false;
  }
}

// What the first step copies without a lock, the second need not copy with it. Where it fails, the report is read all the same.
function shortenLog() {
  try {
    database.exec('PRAGMA busy_timeout = 0');
    for (const giveUpAt = Date.now() + ${LOG_WAIT_MS}; isLogLong() && Date.now() < giveUpAt; ) {
      database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
      const [{ busy }] = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
      if (busy) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  } catch {}
  database.exec('PRAGMA busy_timeout = 1000');
}

function answer(work) {
  try {
    parentPort.postMessage(work());
  } catch (error) {
    parentPort.postMessage({ error: { message: String(error.message), code: error.code } });
  }
}

answer(() => {
  open();
  return { rows: '[]', more: false };
});
parentPort.on('message', ({ text, parameters, end }) => {
  if (end) {
    database?.close();
    parentPort.close();
    return;
  }
  answer(() => {
    if (text !== undefined && isLogLong()) shortenLog();
    if (text !== undefined) rest = database.prepare(text).all(...parameters);
    const rows = rest.slice(0, chunkRows);
    rest = rest.slice(chunkRows);
    return { rows: JSON.stringify(rows), more: rest.length > 0 };
  });
});
`;
