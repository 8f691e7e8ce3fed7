/** The server's clock: its offset from ours, taken from the exchange with the least round trip. */
export class ServerClock {
  constructor(serverNow) {
    this.offset = serverNow - Date.now();
    this.trip = 5000;
  }

  /** Take a sample: we sent at `sent`, the server said `server`, we heard at `heard`; milliseconds. */
  sample(sent, server, heard = Date.now()) {
    const trip = heard - sent;
    if (trip < 0 || trip > this.trip + 50) return;
    this.trip = Math.min(trip, this.trip) || trip;
    this.offset = server + trip / 2 - heard;
  }

  now() {
    return Date.now() + this.offset;
  }
}

const shanghai = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** Say a moment as time of day in Shanghai: 15:02:11. */
export function timeOfDay(milliseconds) {
  return shanghai.format(milliseconds);
}

const two = (number) => String(number).padStart(2, "0");

/** Say a length of time: 02:03:04, or 03:04 below an hour. */
export function length(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours ? `${two(hours)}:${rest}` : rest;
}
