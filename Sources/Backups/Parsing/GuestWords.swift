/// Which family of systems a name of a guest system belongs to, whatever platform the name is of.
enum GuestWords {
  private static let windows = ["windows", "winnt", "win2000", "winxp", "winvista", "longhorn", "win"]
  private static let linux = [
    "linux", "debian", "ubuntu", "rhel", "centos", "fedora", "sles", "suse", "rocky", "alma", "oracle", "amazon",
    "photon", "coreos", "mandr", "redhat", "red hat", "turbo", "crxpod", "genericlinux", "asianux",
  ]

  /// `windows` or `linux`; nil where the words do not tell.
  static func family(_ words: String) -> String? {
    let words = words.lowercased()
    guard !words.isEmpty, !words.contains("darwin") else { return nil }
    if windows.contains(where: { words.hasPrefix($0) }) || words.contains("windows") { return "windows" }
    if linux.contains(where: { words.contains($0) }) { return "linux" }
    return nil
  }
}
