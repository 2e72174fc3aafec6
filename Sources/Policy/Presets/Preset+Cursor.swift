extension Preset {
    static let cursor = Preset(
        name: "cursor",
        summary: "Cursor: inference, indexing, login, extensions, updates",
        text: """
        version: 1
        allow:
          - host: api2.cursor.sh               # most requests
            comment: model API
          - host: api3.cursor.sh               # completion
            comment: model API
          - host: api4.cursor.sh               # completion
            comment: model API
          - host: api5.cursor.sh               # agent requests
            comment: model API
          - host: "*.api5.cursor.sh"           # the same, by region
            comment: model API
          - host: "*.gcpp.cursor.sh"           # completion, by region
            comment: model API
          - host: repo42.cursor.sh             # index of the code base
            comment: indexing
          - host: authenticate.cursor.sh       # login
            comment: login
          - host: authenticator.cursor.sh      # login
            comment: login
          - host: cursor.com                   # login page
            comment: login
          - host: www.cursor.com               # login page
            comment: login
          - host: marketplace.cursorapi.com    # list of extensions
            comment: extensions
          - host: cursor-cdn.com               # files of extensions
            methods: [GET, HEAD]
            comment: extensions
          - host: downloads.cursor.com         # updates
            methods: [GET, HEAD]
            comment: updates

        """
    )
}
