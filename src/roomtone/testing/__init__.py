"""Our fakes, public: a reference engine, phones that speak tones, a virtual clock. Test your own application with them."""
