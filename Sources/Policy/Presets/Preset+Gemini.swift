extension Preset {
    static let gemini = Preset(
        name: "gemini",
        summary: "Gemini CLI: inference, login",
        text: """
        version: 1
        allow:
          - host: generativelanguage.googleapis.com   # inference with an API key
            comment: model API
          - host: cloudcode-pa.googleapis.com         # inference with a Google account
            comment: model API
          - host: oauth2.googleapis.com               # login and refresh of its tokens
            comment: login
          - host: accounts.google.com                 # login page
            comment: login
          - host: www.googleapis.com                  # who is logged in; the host serves other APIs as well
            methods: [GET]
            paths: [/oauth2/v2/userinfo]
            comment: login
        # Left out on purpose: usage statistics (play.googleapis.com).

        """
    )
}
