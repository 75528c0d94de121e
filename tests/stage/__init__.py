"""The stage of the black-box and interop tests: the server as a process, phones, a customer's application, ears.

Nothing here knows the inside of Roomtone: it starts the program, speaks SIP, RTP and HTTP to it, and listens.
"""
