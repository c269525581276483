import Foundation

/// A folder in which a real package manager keeps its database, as if it were a guest's root: the manager is called by
/// its own name and told of the folder by a wrapper.
struct ScratchRoot {
  enum Manager: String, CaseIterable {
    case dpkg, rpm, pacman

    /// As libguestfs names it.
    var format: String { self == .dpkg ? "deb" : rawValue }
  }

  private let manager: Manager
  private let root: URL
  private let tools: URL

  init(_ manager: Manager, in folder: TemporaryFolder) throws {
    self.manager = manager
    root = folder.url.appendingPathComponent("root")
    tools = folder.url.appendingPathComponent("tools")
    let state = root.appendingPathComponent("state").path
    for path in ["state/info", "state/updates", "state/triggers", "work"] {
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent(path), withIntermediateDirectories: true)
    }
    try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
    switch manager {
    case .dpkg:
      for name in ["status", "available"] { try write("", to: "state/\(name)") }
      try wrap("dpkg", "--root=\(root.path) --admindir=\(state) --force-not-root --force-script-chrootless")
      try wrap("dpkg-query", "--admindir=\(state)")
    case .rpm:
      try wrap("rpm", "--dbpath \(state)")
    case .pacman:
      try write("[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n", to: "pacman.conf")
      try wrap(
        "pacman",
        "--root \(root.path) --dbpath \(state) --config \(root.path)/pacman.conf --logfile \(root.path)/log"
          + " --cachedir \(root.path)/work --hookdir \(root.path)/work --gpgdir \(root.path)/work")
    }
  }

  /// - Returns: What it prints to its standard output.
  func shell(_ script: String) throws -> String {
    // pacman asks who calls it; nothing here needs more than its own folder.
    let asRoot = geteuid() == 0 ? [] : ["unshare", "--map-root-user"]
    return try Lab.run("env", ["PATH=\(tools.path):/usr/sbin:/usr/bin:/bin"] + asRoot + ["sh", "-c", script])
  }

  func installed() throws -> [String] {
    let list =
      switch manager {
      case .dpkg: "dpkg-query -W -f='${db:Status-Status} ${Package}\\n' | sed -n 's/^installed //p'"
      case .rpm: "rpm -qa --qf '%{NAME}\\n'"
      case .pacman: "pacman -Qq || true"
      }
    return try shell(list).split(whereSeparator: \.isWhitespace).map(String.init).sorted()
  }

  func remove(_ package: String) throws {
    let command = [Manager.dpkg: "dpkg --purge", .rpm: "rpm -e", .pacman: "pacman -R --noconfirm"][manager] ?? ""
    _ = try shell("\(command) \(package) >&2")
  }

  /// Makes a package without files and installs it.
  func install(_ name: String, needing other: String?) throws {
    let work = root.appendingPathComponent("work").path
    switch manager {
    case .dpkg:
      try write(
        "Package: \(name)\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: test\n"
          + (other.map { "Depends: \($0)\n" } ?? ""), to: "work/\(name)/DEBIAN/control")
      _ = try shell("cd \(work) && dpkg-deb --root-owner-group -b \(name) >&2 && dpkg -i \(name).deb >&2")
    case .rpm:
      try write(
        "Name: \(name)\nVersion: 1\nRelease: 1\nSummary: test\nLicense: none\nBuildArch: noarch\n"
          + (other.map { "Requires: \($0)\n" } ?? "") + "%description\ntest\n%files\n", to: "work/\(name).spec")

      _ = try shell(
        "cd \(work) && rpmbuild -bb --define '_topdir \(work)' --define '_rpmdir \(work)' \(name).spec >&2"
          + " && rpm -i --ignoreos --ignorearch noarch/\(name)-1-1.noarch.rpm >&2")
    case .pacman:
      try write(
        "pkgname = \(name)\npkgbase = \(name)\npkgver = 1-1\npkgdesc = test\nurl = https://example.org\nbuilddate = 1\n"
          + "packager = test\nsize = 0\narch = any\nlicense = none\n" + (other.map { "depend = \($0)\n" } ?? ""),
        to: "work/\(name)/.PKGINFO")
      _ = try shell(
        "cd \(work)/\(name) && tar --zstd -cf ../\(name)-1-1-any.pkg.tar.zst .PKGINFO"
          + " && pacman -U --noconfirm ../\(name)-1-1-any.pkg.tar.zst >&2")
    }
  }

  private func write(_ text: String, to path: String) throws {
    let url = root.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func wrap(_ tool: String, _ options: String) throws {
    let url = tools.appendingPathComponent(tool)
    try Data("#!/bin/sh\nexec /usr/bin/\(tool) \(options) \"$@\"\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
  }
}
