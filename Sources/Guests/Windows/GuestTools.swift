import Foundation
import Support

/// Software of virtual platforms that is found in guests, and what is done about it on another platform: `tools.json`.
struct GuestTools: Sendable, Hashable, Decodable {
  /// As the list of installed programs names it; nil for drivers alone.
  var program: String?
  /// A service that tells that it is there.
  var service: String
  /// Drivers of it that a target may need: then it stays.
  var drivers: [String]
  /// Services that hang on another platform, and must not start there.
  var disabled: [String]
  /// Classes of devices among whose filters these services are: a device whose filter is missing does not start.
  var filters: [String]

  private struct Table: Decodable { var tools: [GuestTools] }

  static func all() throws(AscendError) -> [GuestTools] {
    do {
      return try JSONDecoder().decode(Table.self, from: Data(PackageResources.tools_json)).tools
    } catch {
      throw AscendError("guest.tableDamaged", "The table of guest software cannot be read", cause: "\(error)")
    }
  }

  /// Whether it serves nothing on a platform with these drivers.
  func isForeign(to platformDrivers: [String]) -> Bool {
    !drivers.contains { driver in platformDrivers.contains { $0.caseInsensitiveCompare(driver) == .orderedSame } }
  }

  func disabling(_ hive: some RegistryReading, controlSets: [String]) throws(AscendError) -> [RegistryEdit] {
    var edits: [RegistryEdit] = []
    for set in controlSets {
      for name in disabled where try hive.has([set, "Services", name]) {
        edits.append(.set([set, "Services", name], "Start", .dword(4)))
      }
      for deviceClass in filters { edits += try unfiltering([set, "Control", "Class", deviceClass], hive) }
    }
    return edits
  }

  private func unfiltering(_ key: [String], _ hive: some RegistryReading) throws(AscendError) -> [RegistryEdit] {
    var edits: [RegistryEdit] = []
    for name in ["LowerFilters", "UpperFilters"] {
      guard let filters = try hive.value(key, name)?.texts else { continue }
      let kept = filters.filter { filter in
        !disabled.contains { $0.caseInsensitiveCompare(filter) == .orderedSame }
      }
      if kept != filters { edits.append(.set(key, name, .multiString(kept))) }
    }
    return edits
  }
}
