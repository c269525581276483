import Foundation
import Support

/// The images that an appliance opens for a machine's disks.
enum ApplianceDrives {
  /// Gives every read-only disk a throw-away overlay in `directory`, and leaves the others as they are.
  ///
  /// libguestfs can do that itself, but opens its overlay without a format: QEMU then probes what the guest wrote to
  /// its first sector, and a guest that wrote a qcow2 header there chooses a backing file on this computer.
  static func prepare(_ disks: [GuestDisk], in directory: URL) async throws(AscendError) -> [GuestDisk] {
    var drives: [GuestDisk] = []
    for (index, disk) in disks.enumerated() {
      guard disk.readOnly else {
        drives.append(disk)
        continue
      }
      let overlay = directory.appendingPathComponent("disk\(index).qcow2").path
      do {
        _ = try await Tool.output(
          "qemu-img", ["create", "-q", "-f", "qcow2", "-b", disk.path, "-F", disk.format, overlay], limits: .probe)
      } catch {
        guard error.code == "tool.failed" else { throw error }
        throw AscendError(
          "guest.diskUnreadable", "A disk image cannot be opened", object: disk.path, cause: error.cause)
      }
      drives.append(GuestDisk(path: overlay, format: "qcow2", readOnly: true))
    }
    return drives
  }
}
