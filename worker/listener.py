"""The listener of a telephone exchange. The web line needs none: its news come with the browsers' own requests."""

SENTENCE = "Слушать нечего: веб-линия сообщает о звонках сама. Эта команда понадобится с Asterisk."
