import ConnectorProtocol
import Foundation

/// The platform's names of guests, for what was found on the disks: the best first, then ever more general ones, for
/// servers that do not know the newest.
enum GuestType {
  /// All candidates, best first; the last is known to every server.
  ///
  /// - Parameters:
  ///   - guest: What was found on the disks.
  ///   - source: What the backup says of the guest.
  static func candidates(_ guest: GuestFacts?, source: MachineDescription.GuestSystem?) -> [String] {
    var ids: [String] = []
    // The source's own word wins where it is one of this platform's: it may be more exact than what can be seen.
    if let id = source?.sourceID, let known = identifier(id) { ids.append(known) }
    let family = guest?.family ?? source?.family
    let is64 = ["x86_64", "amd64", nil].contains(guest?.architecture)
    switch family {
    case "linux": ids += linux(guest, is64)
    case "windows": ids += windows(guest, is64)
    case "freebsd": ids += freebsd(guest, is64)
    default: break
    }
    ids.append(is64 ? "otherGuest64" : "otherGuest")
    var seen: Set<String> = []
    return ids.filter { seen.insert($0).inserted }
  }

  /// A guest type in one of its spellings: `ubuntu64Guest`, or `ubuntu-64` as .vmx files write it.
  static func identifier(_ text: String) -> String? {
    if text.hasSuffix("Guest") || text.hasSuffix("Guest64"),
      text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    {
      return text
    }
    guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else { return nil }
    let parts = text.split(separator: "-")
    guard let first = parts.first, parts.count == 1 || (parts.count == 2 && parts[1] == "64") else { return nil }
    return vmx[String(first)].map { $0(parts.count == 2) }
  }

  /// Names in .vmx files, and what they are in the API, by whether the guest is a 64-bit one.
  private static let vmx: [String: @Sendable (Bool) -> String] = [
    "ubuntu": { $0 ? "ubuntu64Guest" : "ubuntuGuest" },
    "debian10": { $0 ? "debian10_64Guest" : "debian10Guest" },
    "debian11": { $0 ? "debian11_64Guest" : "debian11Guest" },
    "debian12": { $0 ? "debian12_64Guest" : "debian12Guest" },
    "rhel7": { $0 ? "rhel7_64Guest" : "rhel7Guest" },
    "rhel8": { _ in "rhel8_64Guest" },
    "rhel9": { _ in "rhel9_64Guest" },
    "centos7": { $0 ? "centos7_64Guest" : "centos7Guest" },
    "centos8": { _ in "centos8_64Guest" },
    "sles12": { $0 ? "sles12_64Guest" : "sles12Guest" },
    "sles15": { _ in "sles15_64Guest" },
    "windows7": { $0 ? "windows7_64Guest" : "windows7Guest" },
    "windows8": { $0 ? "windows8_64Guest" : "windows8Guest" },
    "windows9": { $0 ? "windows9_64Guest" : "windows9Guest" },
    "windows7srv": { _ in "windows7Server64Guest" },
    "windows8srv": { _ in "windows8Server64Guest" },
    "windows9srv": { _ in "windows9Server64Guest" },
    "windows2019srv": { _ in "windows2019srv_64Guest" },
    "other3xlinux": { $0 ? "other3xLinux64Guest" : "other3xLinuxGuest" },
    "other4xlinux": { $0 ? "other4xLinux64Guest" : "other4xLinuxGuest" },
    "other5xlinux": { $0 ? "other5xLinux64Guest" : "other5xLinuxGuest" },
    "otherlinux": { $0 ? "otherLinux64Guest" : "otherLinuxGuest" },
  ]

  // MARK: Linux

  private struct Distribution {
    var stem: String
    var releases: ClosedRange<Int>
    /// The first release that has no 32-bit type.
    var only64From: Int
  }

  /// Types that go by release; `rocky` and its kind have one for all.
  private static let distributions: [String: Distribution] = [
    "debian": Distribution(stem: "debian", releases: 4...13, only64From: 99),
    "rhel": Distribution(stem: "rhel", releases: 5...10, only64From: 8),
    "centos": Distribution(stem: "centos", releases: 6...9, only64From: 8),
    "oraclelinux": Distribution(stem: "oracleLinux", releases: 6...10, only64From: 8),
    "sles": Distribution(stem: "sles", releases: 10...16, only64From: 15),
  ]

  private static let aliases = [
    "redhat": "rhel", "redhat-based": "rhel", "ol": "oraclelinux", "oracle": "oraclelinux", "suse": "sles",
    "sled": "sles", "sle": "sles",
  ]

  private static let single = [
    "ubuntu": "ubuntu64Guest", "rocky": "rockylinux_64Guest", "almalinux": "almalinux_64Guest",
    "fedora": "fedora64Guest", "opensuse": "opensuse64Guest", "amazonlinux": "amazonlinux2_64Guest",
    "photon": "vmwarePhoton64Guest", "coreos": "coreos64Guest",
  ]

  private static func linux(_ guest: GuestFacts?, _ is64: Bool) -> [String] {
    let name = (guest?.distribution ?? "").lowercased()
    let key = aliases[name] ?? name
    let release = number(guest?.version)
    var ids: [String] = []
    if let known = distributions[key] {
      let newest = min(release ?? known.releases.upperBound, known.releases.upperBound)
      for one in known.releases.reversed() where one <= newest { ids += names(known, one, is64) }
    } else if let id = single[key] {
      ids.append(id)
      // The rebuilds of Enterprise Linux were added later than what they rebuild.
      if key == "rocky" || key == "almalinux", let release {
        ids += ["rhel", "centos"].flatMap { rebuilt($0, release) }
      }
    }
    return ids + kernel(guest, is64)
  }

  private static func rebuilt(_ key: String, _ release: Int) -> [String] {
    guard let known = distributions[key], known.releases.contains(release) else { return [] }
    return names(known, release, true)
  }

  private static func names(_ distribution: Distribution, _ release: Int, _ is64: Bool) -> [String] {
    if is64 { return ["\(distribution.stem)\(release)_64Guest"] }
    return release < distribution.only64From ? ["\(distribution.stem)\(release)Guest"] : []
  }

  /// By the kernel's own major version.
  private static func kernel(_ guest: GuestFacts?, _ is64: Bool) -> [String] {
    let newest = guest?.kernels.compactMap { number($0.version) }.max()
    var ids: [String] = []
    if let newest, newest >= 3 {
      for major in stride(from: min(newest, 7), through: 3, by: -1) {
        ids.append(is64 ? "other\(major)xLinux64Guest" : "other\(major)xLinuxGuest")
      }
    }
    return ids + [is64 ? "otherLinux64Guest" : "otherLinuxGuest"]
  }

  private static func freebsd(_ guest: GuestFacts?, _ is64: Bool) -> [String] {
    let newest = min(number(guest?.version) ?? 14, 15)
    guard newest >= 11 else { return [is64 ? "freebsd64Guest" : "freebsdGuest"] }
    return stride(from: newest, through: 11, by: -1).map { is64 ? "freebsd\($0)_64Guest" : "freebsd\($0)Guest" }
      + [is64 ? "freebsd64Guest" : "freebsdGuest"]
  }

  static func number(_ version: String?) -> Int? {
    guard let version else { return nil }
    return Int(version.prefix { $0.isASCII && $0.isNumber })
  }
}
