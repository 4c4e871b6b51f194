// A Slack Web API on loopback, holding one workspace, for the acceptance runs.
// One line of JSON comes in: the port, the people and channels, the bot and its scopes. One line goes out when it answers, with the
// ids it gave. It ends when its standard input does, so that it never outlives the run that started it.
import { createInterface } from "node:readline";
import { createEmulator } from "emulate";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const town = JSON.parse((await lines.next()).value);
const { bot, admin } = town;

const slack = await createEmulator({
  service: "slack",
  hostname: "127.0.0.1",
  port: town.port,
  seed: {
    slack: {
      team: { name: town.name, domain: "fjordby" },
      strict_scopes: true,
      users: town.people.map(({ handle, name, email }) => ({ name: handle, real_name: name, email })),
      channels: town.channels.map(({ name, members }) => ({ name, is_private: Boolean(members) })),
      oauth_apps: [
        {
          app_id: bot.app,
          client_id: "1.1",
          client_secret: "none",
          name: bot.name,
          redirect_uris: ["http://127.0.0.1/"],
          scopes: bot.scopes,
          bot_id: bot.bot,
          bot_user_id: bot.user,
          bot_name: bot.name.toLowerCase(),
        },
      ],
      tokens: [
        {
          token: bot.token,
          type: "bot",
          user_id: bot.user,
          app_id: bot.app,
          bot_id: bot.bot,
          bot_user_id: bot.user,
          scopes: bot.scopes,
        },
        { token: admin, type: "user", user: "admin" },
        ...town.people.map(({ handle, token }) => ({ token, type: "user", user: handle })),
      ],
    },
  },
});

// Each answer in turn: the ids are random, and everything below needs them.
const ask = async (method, given = {}) => {
  const answer = await fetch(`http://127.0.0.1:${town.port}/api/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${admin}` },
    body: JSON.stringify(given),
  });
  const said = await answer.json();
  if (!said.ok) throw new Error(`${method}: ${said.error}`);
  return said;
};

const { members } = await ask("users.list", { limit: 1000 });
const { channels } = await ask("conversations.list", { limit: 1000, types: "public_channel,private_channel" });
const rooms = Object.fromEntries(channels.map(({ name, id }) => [name, id]));
const users = Object.fromEntries(members.map(({ profile, id }) => [profile.email, id]));
for (const { name, members, joined } of town.channels) {
  const channel = rooms[name];
  if (joined) await ask("conversations.invite", { channel, users: bot.user });
  // The emulator lets everybody into every channel; a closed one is left with those it is for, and with the owner, who invites.
  const others = members ? town.people.map(({ email }) => email).filter((email) => !members.includes(email)) : [];
  for (const email of others) await ask("conversations.kick", { channel, user: users[email] });
}
console.log(JSON.stringify({ users, rooms }));

for await (const _ of lines);
await slack.close();
process.exit(0);
