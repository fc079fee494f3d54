// Which channels hold something this person has not looked at, remembered for the life of the tab.

const keyFor = (person, channel) => `seen:${person}:${channel}`;

function newest(messages) {
  return (messages ?? []).reduce((latest, message) => (message.ts > latest ? message.ts : latest), "");
}

/** Remembers that everything in the channel has been on the screen. */
export function markSeen(channel, workspace) {
  const latest = newest(workspace.state.messages[channel.id]);
  if (latest) sessionStorage.setItem(keyFor(workspace.me.id, channel.id), latest);
}

/** Whether somebody else wrote since this person last looked. */
export function hasUnread(channel, workspace) {
  const seen = sessionStorage.getItem(keyFor(workspace.me.id, channel.id));
  const others = (workspace.state.messages[channel.id] ?? []).filter((message) => message.user !== workspace.me.id);
  if (seen === null) return Boolean(channel.unread) && others.length > 0;
  return newest(others) > seen;
}
