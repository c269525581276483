import Foundation
import Support

/// Packages that the user gives for the guest, in the guest's own format.
struct GuestPackages: Sendable {
  let paths: [String]
  let format: String?

  var names: [String] { paths.map { ($0 as NSString).lastPathComponent } }

  /// What each package system calls its files, and how it installs them without asking.
  private static let systems: [String: (suffixes: [String], command: String)] = [
    "deb": ([".deb"], "DEBIAN_FRONTEND=noninteractive dpkg -i"),
    "rpm": ([".rpm"], "rpm -U --replacepkgs"),
    "apk": ([".apk"], "apk add --allow-untrusted"),
    "pacman": ([".pkg.tar.zst", ".pkg.tar.xz"], "pacman -U --noconfirm"),
  ]

  init(paths: [String], format: String?) throws(AscendError) {
    self.paths = paths
    self.format = format
    guard !paths.isEmpty else { return }
    guard let format, let system = Self.systems[format] else {
      throw AscendError(
        "guest.packageFormat", "The guest's package system is not known: nothing can be installed in it",
        object: paths.first, remedy: "Install it in the guest, or with a first-boot script")
    }
    for path in paths {
      guard FileManager.default.isReadableFile(atPath: path) else {
        throw AscendError("file.notFound", "There is no such package", object: path)
      }
      guard system.suffixes.contains(where: path.hasSuffix) else {
        throw AscendError(
          "guest.packageFormat", "The guest takes packages of the kind \(format), and this is none", object: path,
          remedy: "Give the package that its vendor makes for this distribution")
      }
    }
  }

  /// A script that installs what lies in `folder`.
  func script(_ folder: String) -> String {
    let command = format.flatMap { Self.systems[$0]?.command } ?? "false"
    return
      "#!/bin/sh\nset -e\ncd \(folder)\n\(command) \(names.map { "'./\(Self.plain($0))'" }.joined(separator: " "))\n"
  }

  /// A file name without what a shell could take for something else.
  static func plain(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) ? $0 : "_" })
  }
}
