// The emoji short codes that incident messages use. An unknown code stays as it was typed, as Slack leaves it.

const CODES = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", arrow_down: "⬇️", arrow_forward: "▶️", arrow_left: "⬅️", arrow_right: "➡️",
  arrow_up: "⬆️", arrows_counterclockwise: "🔄", ballot_box_with_check: "☑️", bangbang: "‼️", bar_chart: "📊", bell: "🔔",
  black_circle: "⚫", black_square_for_stop: "⏹️", book: "📖", bulb: "💡", bust_in_silhouette: "👤", busts_in_silhouette: "👥",
  calendar: "📅", camera: "📷", chart_with_downwards_trend: "📉", chart_with_upwards_trend: "📈", clipboard: "📋",
  closed_lock_with_key: "🔐", cloud: "☁️", construction: "🚧", cop: "👮", double_vertical_bar: "⏸️", exclamation: "❗",
  eyes: "👀", file_folder: "📁", fire: "🔥", fire_engine: "🚒", gear: "⚙️", globe_with_meridians: "🌐", green_circle: "🟢",
  grey_question: "❔", hammer_and_wrench: "🛠️", hand: "✋", heart: "❤️", heavy_check_mark: "✔️", heavy_minus_sign: "➖",
  heavy_multiplication_x: "✖️", heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️",
  key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠", large_red_circle: "🔴",
  large_yellow_circle: "🟡", leftwards_arrow_with_hook: "↩️", link: "🔗", lock: "🔒", lock_with_ink_pen: "🔏", mag: "🔍",
  mag_right: "🔎", mega: "📣", memo: "📝", microscope: "🔬", negative_squared_cross_mark: "❎", new: "🆕", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", ok: "🆗", ok_hand: "👌", open_file_folder: "📂", package: "📦", page_facing_up: "📄",
  pencil: "📝", pushpin: "📌", question: "❓", raised_hand: "✋", recycle: "♻️", red_circle: "🔴", robot_face: "🤖",
  rocket: "🚀", rotating_light: "🚨", round_pushpin: "📍", scroll: "📜", shield: "🛡️", slightly_smiling_face: "🙂",
  snowflake: "❄️", sos: "🆘", sparkles: "✨", speech_balloon: "💬", stopwatch: "⏱️", tada: "🎉", thinking_face: "🤔",
  thumbsdown: "👎", thumbsup: "👍", triangular_flag_on_post: "🚩", unlock: "🔓", warning: "⚠️", wastebasket: "🗑️",
  wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡",
};

/** The character of a short code ("tada"), or null when the code is not known. */
export function emoji(code) {
  const name = String(code).replace(/::skin-tone-\d$/, "");
  return Object.hasOwn(CODES, name) ? CODES[name] : null;
}
