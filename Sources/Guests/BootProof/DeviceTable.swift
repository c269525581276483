import Foundation
import Support

/// Which QEMU device stands for which controller and network interface of the protocol's vocabulary: data, in
/// `devices.json`. Braces in its texts are places to fill in.
struct DeviceTable: Decodable, Sendable {
  var controllers: [Controller]
  var nics: [NIC]

  struct Controller: Decodable, Sendable {
    var names: [String]
    /// The adapter that carries the disks; none where each disk is a device of its own.
    var adapter: String?
    var disk: String?
    /// The mainboard that it is part of; any where none is named.
    var board: String?
    var places: Int?
    /// Why there is no such device, where there is none.
    var missing: String?
    /// Drivers that can serve it, of all systems.
    var drivers: [String]?
    var says: Says?
  }

  /// How a Linux kernel names the driver that found a disk.
  struct Says: Decodable, Hashable, Sendable {
    var driver: String
    /// The beginning of what the adapter calls itself; nil where the driver has its disks without one.
    var host: String?
  }

  struct NIC: Decodable, Sendable {
    var names: [String]
    var device: String?
    var missing: String?
    var drivers: [String]?
  }

  static func bundled() throws(AscendError) -> DeviceTable {
    do {
      return try JSONDecoder().decode(DeviceTable.self, from: Data(PackageResources.devices_json))
    } catch {
      throw AscendError.wrapping(error, as: "boot.table", "The table of devices cannot be read")
    }
  }

  func controller(_ bus: String) -> Controller? { controllers.first { $0.names.contains(bus) } }

  func nic(_ model: String) -> NIC? { nics.first { $0.names.contains(model) } }
}
