import Foundation
import Support

/// The files of one driver package, checked, and where they go.
struct DriverPayload: Sendable {
  /// Below `%SystemRoot%`.
  static let packages = "Drivers/Ascend"

  var match: DriverIndex.Match
  /// By their paths in the package, in small letters.
  var files: [String: [UInt8]]
  /// The driver itself.
  let binary: [UInt8]
  var warnings: [String] = []

  /// - Parameter startsWithKernel: Windows is to start with it.
  /// - Throws: `drivers.incomplete`, `drivers.wrongArchitecture`, `drivers.unsigned`.
  init(
    _ match: DriverIndex.Match, _ index: DriverIndex, _ windows: WindowsTarget, startsWithKernel: Bool
  ) throws(AscendError) {
    self.match = match
    let files = try index.files(of: match)
    let path = files.keys.sorted().first { DriverIndex.isNamed($0, match.service.source) }
    let binary = path.flatMap { files[$0] } ?? []
    self.files = files
    self.binary = binary
    guard let program = PortableExecutable(binary), program.machine == windows.architecture.machine else {
      throw AscendError(
        "drivers.wrongArchitecture",
        "\(match.service.source) of the driver package is no program for \(windows.architecture.rawValue)",
        object: index.describe(match), remedy: "Take the package from its vendor again")
    }
    guard windows.architecture != .x86, !program.isSigned else { return }
    // No catalog helps: none is looked at that early.
    if startsWithKernel {
      throw AscendError(
        "drivers.unsigned",
        "\(match.service.source) carries no signature of its own, and 64-bit Windows starts with no such driver",
        object: index.describe(match), cause: "A catalog signs a driver only for what Windows loads once it runs",
        remedy: "Take the package from the driver's vendor, or choose a controller in the mapping that Windows has a "
          + "driver for")
    }
    if match.driver.catalog.map({ files[$0.lowercased()] != nil }) != true {
      warnings.append(
        "\(match.service.name): the package has neither a signed driver nor a catalog; Windows refuses such drivers.")
    }
  }

  var bytes: Int64 { files.values.reduce(0) { $0 + Int64($1.count) } }

  var folder: String { match.service.name.lowercased() }

  /// The folder of the package as the registry names it.
  var devicePath: String { "%SystemRoot%\\" + Self.packages.replacing("/", with: "\\") + "\\\(folder)" }

  /// The list of folders that Windows searches for drivers, with more of them.
  static func devicePath(_ value: RegistryValue?, adding folders: [String]) -> RegistryValue {
    var parts = (value?.text ?? "%SystemRoot%\\inf").split(separator: ";").map(String.init)
    for folder in folders where !parts.contains(where: { $0.caseInsensitiveCompare(folder) == .orderedSame }) {
      parts.append(folder)
    }
    return .expandString(parts.joined(separator: ";"))
  }
}
