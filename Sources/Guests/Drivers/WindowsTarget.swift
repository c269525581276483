/// The Windows that a driver must fit.
struct WindowsTarget: Sendable, Hashable, Codable {
  /// `6.1` is 7 and 2008 R2, `6.2` 8 and 2012, `6.3` 8.1 and 2012 R2, `10.0` all later ones.
  var major: Int
  var minor: Int
  /// 17763, 20348 … 0 where it is not known.
  var build: Int
  var isServer: Bool
  var architecture: Architecture

  /// In the words of INF files.
  enum Architecture: String, Sendable, Hashable, Codable, CaseIterable {
    case x86, amd64, arm64

    /// From libguestfs's word for it.
    init?(guest: String?) {
      switch guest {
      case "x86_64": self = .amd64
      case "i386", "i486", "i586", "i686": self = .x86
      case "aarch64": self = .arm64
      default: return nil
      }
    }

    /// As a PE file's header names it.
    var machine: UInt16 {
      switch self {
      case .x86: 0x014c
      case .amd64: 0x8664
      case .arm64: 0xaa64
      }
    }
  }

  var version: String { "\(major).\(minor)" }

  /// From Windows 8 and 2012 on, the registry says in `DriverDatabase` which driver a device starts with.
  var hasDriverDatabase: Bool { (major, minor) >= (6, 2) }

  /// Windows 7 and 2008 R2 to those of today. What comes after them is taken to be like the last.
  var isSupported: Bool { (major, minor) >= (6, 1) && major <= 10 }

  /// `Windows Server 2022`, `Windows 11`.
  var name: String { isServer ? "Windows Server \(release)" : "Windows \(release)" }

  private var release: String {
    switch (major, minor) {
    case (6, 0): isServer ? "2008" : "Vista"
    case (6, 1): isServer ? "2008 R2" : "7"
    case (6, 2): isServer ? "2012" : "8"
    case (6, 3): isServer ? "2012 R2" : "8.1"
    case (10, _):
      isServer
        ? build >= 26_100 ? "2025" : build >= 20_348 ? "2022" : build >= 17_763 ? "2019" : "2016"
        : build >= 22_000 ? "11" : "10"
    default: version
    }
  }
}
