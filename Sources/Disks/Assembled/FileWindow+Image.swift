import Support

extension FileWindow {
  /// The bytes of a layer's image as a reader of its format wants them: joined, and unpacked where that was done.
  static func ofImage(_ layer: ImageLayer) throws(AscendError) -> FileWindow {
    if layer.compression != nil, let index = layer.index { return try FileWindow(index) }
    return try FileWindow(layer)
  }
}
