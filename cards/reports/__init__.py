"""Reports that leave the chat: from the dialogues as they were sent to one report as data, and from that to Word, Excel, a page, JSON."""
