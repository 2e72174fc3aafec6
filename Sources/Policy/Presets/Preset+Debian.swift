extension Preset {
    static let debian = Preset(
        name: "debian",
        summary: "apt on Debian: packages and security updates",
        text: """
        version: 1
        allow:
          - host: deb.debian.org         # packages; plain HTTP by default, archives are signed
            methods: [GET, HEAD]
            comment: packages
          - host: security.debian.org    # security updates
            methods: [GET, HEAD]
            comment: security updates

        """
    )
}
