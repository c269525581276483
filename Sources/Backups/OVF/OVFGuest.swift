import ConnectorProtocol

/// The guest system that a descriptor names.
enum OVFGuest {
  /// CIM_OperatingSystem.OSType, where the platform gives no identifier of its own.
  private static let windowsNumbers: Set<Int> = Set(
    Array(15...18) + [58, 63, 67, 103, 105] + Array(69...77) + Array(112...116))
  private static let linuxNumbers: Set<Int> = Set([36, 79, 80] + Array(82...87) + Array(89...101) + Array(106...109))

  static func read(_ section: XMLNode?) -> MachineDescription.GuestSystem? {
    guard let section else { return nil }
    let number = section.attribute("id", OVFNamespace.envelope)
    let platform = section.attribute("osType", OVFNamespace.vmware)
    let name = section.first("Description", OVFNamespace.envelope)?.content
    let words = (platform ?? name ?? "").lowercased()
    var family = GuestWords.family(words)
    if family == nil, platform == nil { family = number.flatMap { Int($0) }.flatMap(self.family(_:)) }
    return .init(family: family, name: name, sourceID: platform ?? number.map { "ovf:\($0)" })
  }

  private static func family(_ number: Int) -> String? {
    windowsNumbers.contains(number) ? "windows" : linuxNumbers.contains(number) ? "linux" : nil
  }
}
