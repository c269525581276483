import Foundation

/// A package of Debian's format with what an agent has: a program, a service that is switched on when it is installed,
/// a configuration file, and scripts of its own, as debhelper makes them. Its program does nothing.
enum AgentPackage {
  static let name = "open-vm-tools"
  static let program = "/usr/bin/vmtoolsd"
  static let unit = "/lib/systemd/system/open-vm-tools.service"
  static let wanted = "/etc/systemd/system/multi-user.target.wants/open-vm-tools.service"
  static let configuration = "/etc/vmware-tools/tools.conf"
  /// What dpkg called the package's last script with.
  static let trace = "/var/log/open-vm-tools.postrm"

  /// - Returns: The package's file.
  static func make(in folder: TemporaryFolder) throws -> URL {
    try build(
      name, "",
      [
        "DEBIAN/conffiles": configuration + "\n",
        "DEBIAN/postinst": """
        #!/bin/sh
        set -e
        if [ "$1" = configure ]; then deb-systemd-helper enable open-vm-tools.service; fi

        """,
        "DEBIAN/prerm": """
        #!/bin/sh
        set -e
        if [ "$1" = remove ] && [ -d /run/systemd/system ]; then deb-systemd-invoke stop open-vm-tools.service; fi

        """,
        "DEBIAN/postrm": """
        #!/bin/sh
        set -e
        echo "$1" >>\(trace)
        if [ "$1" = remove ]; then
          if [ -d /run/systemd/system ]; then systemctl --system daemon-reload; fi
          deb-systemd-helper disable open-vm-tools.service
        fi

        """,
        String(program.dropFirst()): "#!/bin/sh\nexec sleep infinity\n",
        String(unit.dropFirst()): """
        [Unit]
        Description=An agent of another platform

        [Service]
        ExecStart=\(program)

        [Install]
        WantedBy=multi-user.target

        """,
        String(configuration.dropFirst()): "[logging]\n",
      ], in: folder)
  }

  /// Another package, which needs that one.
  static func makeDependent(in folder: TemporaryFolder) throws -> URL {
    try build("needs-an-agent", "Depends: \(name)\n", [:], in: folder)
  }

  private static func build(
    _ name: String, _ fields: String, _ files: [String: String], in folder: TemporaryFolder
  ) throws -> URL {
    let tree = folder.url.appendingPathComponent(name)
    let control = """
      Package: \(name)
      Version: 2:12.2.0-1
      Architecture: all
      Maintainer: Nobody <nobody@example.org>
      \(fields)Description: made for a test

      """
    for (path, text) in files.merging(["DEBIAN/control": control], uniquingKeysWith: { $1 }) {
      let url = tree.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      let mode = text.hasPrefix("#!") ? 0o755 : 0o644
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }
    let package = folder.url.appendingPathComponent("\(name).deb")
    try Lab.run("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree.path, package.path])
    return package
  }
}
