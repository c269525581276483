import Support

/// An image that no file here holds: somebody offers it by NBD, for as long as a piece of work takes. Its content is
/// the disk, so its layer is raw and the only one.
public struct RemoteImage: Codable, Hashable, Sendable {
  /// Names the content: as long as it is the same, so are the bytes.
  public var generation: String
  /// Which of the disks that are offered together it is, from 0.
  public var place: Int
  /// The Unix socket where it is offered, as the default export; nil while nobody does, as in the catalog.
  public var socket: String?

  public init(generation: String, place: Int, socket: String? = nil) {
    self.generation = generation
    self.place = place
    self.socket = socket
  }
}

extension DiskChain {
  /// The disk of a remote image.
  ///
  /// - Parameter address: What names it, in place of a path.
  public init(remote: RemoteImage, address: String, sizeBytes: Int64) {
    var layer = ImageLayer(path: address, format: .raw)
    layer.remote = remote
    self.init(layers: [layer], virtualSizeBytes: sizeBytes)
  }

  /// - Throws: `disk.notOffered` where a layer lies elsewhere and nobody offers it.
  func requireOffered() throws(AscendError) {
    guard let layer = layers.first(where: { $0.remote != nil && $0.remote?.socket == nil }) else { return }
    throw AscendError(
      "disk.notOffered", "The disk lies on a platform, and no connector offers it now", object: layer.path,
      remedy: "Report this: a part of Ascend has not opened the backup")
  }
}
