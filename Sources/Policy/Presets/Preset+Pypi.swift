extension Preset {
    static let pypi = Preset(
        name: "pypi",
        summary: "pip, uv, poetry: install packages, not publish",
        text: """
        version: 1
        allow:
          - host: pypi.org                  # index of packages
            methods: [GET, HEAD]            # uploads go to another host
            comment: index
          - host: files.pythonhosted.org    # archives
            methods: [GET, HEAD]
            comment: packages

        """
    )
}
