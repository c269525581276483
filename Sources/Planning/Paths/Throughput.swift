/// How fast the host's tools are: what the plan's estimates stand on, in one place.
///
/// Measured with QEMU 7.2 on two virtual CPUs, a qcow2 image of 10 GiB that holds 2 GiB (half random, half files),
/// page cache warm, median of three. Bytes per second are those of data, not of virtual size.
public struct Throughput: Hashable, Sendable {
  /// Reading allocated extents from qemu-nbd by several connections.
  public var nbdBytesPerSecond = 880e6
  /// `qemu-img convert` from qcow2, by `format/subformat`.
  public var convertBytesPerSecond: [String: Double] = [
    "raw/": 959e6, "qcow2/": 1_900e6, "vhdx/": 1_130e6, "vhdx/dynamic": 1_130e6, "vhdx/fixed": 713e6,
    "vhd/": 1_970e6, "vhd/dynamic": 1_970e6, "vhd/fixed": 713e6, "vmdk/": 558e6, "vmdk/monolithicSparse": 558e6,
    "vmdk/streamOptimized": 40e6,
  ]
  /// Writing zeros that may not be skipped.
  public var zeroBytesPerSecond = 740e6
  /// Inspecting and changing a guest in the appliance: an injection took 22 s, the guest's own tools 46 to 273 s.
  public var prepareSeconds = 60.0
  /// Making an overlay or changing its size.
  public var overlaySeconds = 0.1
  /// What the guest's preparation may write to the overlay.
  public var prepareBytes: Int64 = 256 << 20
  /// An image's own tables, as a part of its data.
  public var tableShare = 0.01
  /// What a platform takes in, from slow to fast: an assumption, until the connector's own estimate replaces it.
  public var platformBytesPerSecond = 50e6...400e6
  /// From switching a machine on until it can be checked.
  public var startSeconds = 20.0...180.0

  public init() {}

  public static let measured = Throughput()

  /// Nil for a format that the host cannot write.
  func conversion(to format: String, _ subformat: String?) -> Double? {
    convertBytesPerSecond["\(format)/\(subformat ?? "")"]
  }
}
