"""Services that carry alerts to the shop's own people: mail, phones, robots of WeCom, DingTalk and Feishu."""
