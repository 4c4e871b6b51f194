// Draws Block Kit for the pictures: slack-blocks-to-jsx for the blocks, and around them a plain conversation of our own.
// `show` takes what the page is to hold; nothing on it can be used.
import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import "./blocks.css";

// Two blocks are drawn here, not by the library. Of a section's mrkdwn it knows bold only beside letters, while Slack looks at what
// stands outside the stars, and ours often begin with a sign. An input it draws as what Slack's modals have: always several lines, with
// an English line below that Slack does not show in a message; what stands in it is left out of some.
const Bold = ({ text, type }) =>
  type === "mrkdwn"
    ? text.split(/(?<!\S)\*([^*\n]+)\*(?!\S)/).map((part, place) => (place % 2 ? <b key={place}>{part}</b> : part))
    : text;

const Section = ({ text, accessory }) => (
  <div className="section">
    <p>
      <Bold {...text} />
    </p>
    {accessory && <span className="button">{accessory.text.text}</span>}
  </div>
);

const Box = ({ value, otherwise, kind }) => (
  <div className={`box ${kind}`}>{value || <span className="empty">{otherwise}</span>}</div>
);

const day = (date) => date && new Intl.DateTimeFormat("da-DK", { dateStyle: "medium" }).format(new Date(`${date}T12:00`));

// What Slack itself writes into an empty field is in the language of its menus; Danish is none of them.
const Element = (element) => {
  const invites = element.placeholder?.text;
  switch (element.type) {
    case "plain_text_input":
      return <Box value={element.initial_value} otherwise={invites ?? "Write something"} kind={element.multiline ? "lines" : "line"} />;
    case "datepicker":
      return <Box value={day(element.initial_date)} otherwise={invites ?? "Select a date"} kind="picked" />;
    case "static_select":
      return <Box value={element.initial_option?.text.text} otherwise={invites ?? "Select an option"} kind="picked" />;
    case "multi_static_select": {
      const chosen = element.initial_options ?? [];
      const chips = chosen.map((option) => (
        <span className="chip" key={option.value}>
          {option.text.text} ×
        </span>
      ));
      return <Box value={chips.length > 0 && chips} otherwise={invites ?? "Select options"} kind="picked" />;
    }
    case "radio_buttons":
      return element.options.map((option) => (
        <p className="radio" key={option.value}>
          <input type="radio" readOnly checked={element.initial_option?.value === option.value} /> {option.text.text}
        </p>
      ));
    default:
      throw new Error(`no drawing of ${element.type}`);
  }
};

const Input = ({ label, element, hint, optional }) => (
  <div className="input">
    <p>
      <b>{label.text}</b> {optional && <span className="quiet">(optional)</span>}
    </p>
    <Element {...element} />
    {hint && <p className="quiet">{hint.text}</p>}
  </div>
);

const OURS = { section: Section, input: Input };

const Blocks = ({ blocks }) =>
  blocks.map((block, place) => {
    const Ours = OURS[block.type];
    return (
      <div className="block" key={place}>
        {Ours ? <Ours {...block} /> : <Message blocks={[block]} name="" logo="" theme="light" withoutWrapper />}
      </div>
    );
  });

const Post = ({ blocks, time, replies = [] }) => (
  <article className="post">
    <span className="face" aria-hidden="true">
      D
    </span>
    <div className="said">
      <p className="who">
        <b>Dialogbot</b> <small className="app">APP</small> <time>{time}</time>
      </p>
      <Blocks blocks={blocks} />
      {replies.length > 0 && (
        <div className="thread">
          {replies.map((reply, place) => (
            <Blocks key={place} blocks={reply} />
          ))}
        </div>
      )}
    </div>
  </article>
);

const root = createRoot(document.getElementById("page"));

window.show = ({ place, posts = [], home }) =>
  root.render(
    <>
      <header className="place">{place}</header>
      {home && (
        <div className="home">
          <Blocks blocks={home} />
        </div>
      )}
      {posts.map((post, number) => (
        <Post key={number} {...post} />
      ))}
    </>,
  );
