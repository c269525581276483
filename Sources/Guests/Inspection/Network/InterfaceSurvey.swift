import ConnectorProtocol
import Support

/// Reads a Linux guest's network configuration: which interfaces it names, and how each gets its addresses.
/// The guest's filesystems must be mounted.
struct InterfaceSurvey {
  private static let mostFiles = 64
  private static let largestFile: Int64 = 256 << 10

  let guest: GuestfsHandle

  func interfaces() throws(AscendError) -> [GuestFacts.Interface] {
    var found: [GuestFacts.Interface] = []
    for (path, _) in try NetworkFile.find(guest).prefix(Self.mostFiles) {
      let text = try guest.optional { () throws(AscendError) in try guest.readText(path, limit: Self.largestFile) }
      guard let text = text ?? nil else { continue }
      for interface in InterfaceText.interfaces(text, path: path) where !found.contains(interface) {
        found.append(interface)
      }
    }
    return found
  }
}
