/// What the gate found out about one image.
public struct ImageFacts: Codable, Hashable, Sendable {
  /// The image with its real path, every symbolic link followed.
  public var layer: ImageLayer
  public var virtualSizeBytes: Int64
  /// What the image says it stands on, in its own words.
  public var backingName: String?
  /// The writer's word for the kind of image, `streamOptimized`.
  public var subformat: String?
  /// The other files that hold the image's data, with their real paths.
  public var extents: [String]

  public init(
    layer: ImageLayer, virtualSizeBytes: Int64, backingName: String? = nil, subformat: String? = nil,
    extents: [String] = []
  ) {
    self.layer = layer
    self.virtualSizeBytes = virtualSizeBytes
    self.backingName = backingName
    self.subformat = subformat
    self.extents = extents
  }
}
