extension Preset {
    static let codex = Preset(
        name: "codex",
        summary: "OpenAI Codex CLI: inference, login",
        text: """
        version: 1
        allow:
          - host: api.openai.com    # inference with an API key
            comment: model API
          - host: chatgpt.com       # inference with a ChatGPT subscription
            comment: model API
          - host: auth.openai.com   # login and refresh of its tokens
            comment: login

        """
    )
}
