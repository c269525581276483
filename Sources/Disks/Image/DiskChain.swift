/// A disk as its images: the base first, the newest layer last.
///
/// Made by `DiskChain.resolve`, which has looked at every layer, or by `Overlay.create`.
public struct DiskChain: Codable, Hashable, Sendable {
  public var layers: [ImageLayer]
  /// What a guest sees.
  public var virtualSizeBytes: Int64
  /// How much of it holds data, where that has been looked up.
  public var allocatedBytes: Int64?

  public init(layers: [ImageLayer], virtualSizeBytes: Int64, allocatedBytes: Int64? = nil) {
    self.layers = layers
    self.virtualSizeBytes = virtualSizeBytes
    self.allocatedBytes = allocatedBytes
  }

  /// The format of the newest layer.
  public var topFormat: ImageFormat { layers.last?.driver ?? .raw }

  /// The chain as a file name for qemu's tools, `json:{…}`: every driver explicit, and no backing file below the base,
  /// whatever the images themselves say.
  public func blockdevJSON() -> String {
    BlockGraph.name(BlockGraph.node(of: layers[...], below: nil))
  }
}
