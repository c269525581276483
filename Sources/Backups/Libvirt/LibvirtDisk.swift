import Disks

/// A hard disk of a libvirt domain, as the domain describes it.
struct LibvirtDisk {
  /// `vda`, `sdb`: what libvirt calls it.
  var target: String
  /// `file`, `block`, `network`, `volume`; `nvme` and others for a device of the host.
  var type: String
  /// Where it was: a file's or a device's path, or the name of a volume. nil where the domain does not say.
  var source: String?
  /// What the driver is told to take the image for.
  var format: ImageFormat?
  /// The id of a controller of the machine description.
  var controller: String
  var unit: Int?
  var serial: String?
  var sectorBytes: Int?
  var bootOrder: Int?
  var boots = false
  var isEncrypted: Bool

  /// Whether it is a device that the host hands to the guest: no image of the backup is it.
  var isOfHost: Bool { ["nvme", "vhostuser", "vhostvdpa"].contains(type) }
}
