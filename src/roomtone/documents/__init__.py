"""Floor 2: fetches what a customer's URL says, documents and audio, and decodes. Never interprets a document."""
