extension Preset {
    static let claudeCode = Preset(
        name: "claude-code",
        summary: "Claude Code: inference, login, updates",
        text: """
        version: 1
        allow:
          - host: api.anthropic.com       # inference, and the account's settings
            comment: model API
          - host: claude.ai               # login with a subscription
            comment: login
          - host: platform.claude.com     # login with an API account
            comment: login
          - host: console.anthropic.com   # the same, under its older name
            comment: login
          - host: downloads.claude.ai     # the installer and updates
            methods: [GET, HEAD]
            comment: updates
          - host: statsig.anthropic.com   # feature flags; without them features are off
            comment: feature flags
        # Left out on purpose: error reports (sentry.io) and cloud storage, where anybody can have a bucket. Tools that the
        # agent runs need presets of their own: npm, pypi, github-read-only and so on.

        """
    )
}
