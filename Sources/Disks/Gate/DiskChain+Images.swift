import Foundation
public import Support

extension DiskChain {
  /// A disk from image files that somebody names: base first, the newest layer last.
  ///
  /// Their formats are told from their magic numbers. A raw image has none, and is taken only where it is said to be one:
  /// anything could be raw.
  ///
  /// - Parameter format: Of the newest layer.
  /// - Throws: `disk.formatUnknown`, and what `resolve` throws.
  public static func images(_ paths: [String], format: ImageFormat? = nil) async throws(AscendError) -> DiskChain {
    var layers: [ImageLayer] = []
    for (index, path) in paths.enumerated() {
      let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
      let isTop = index == paths.count - 1
      let found = isTop && format != nil ? format : try ImageSniffer.format(of: absolute)
      guard let found else {
        throw AscendError(
          "disk.formatUnknown", "The file has the marks of no image format", object: path,
          remedy: "Say --format raw if it is a disk, byte by byte")
      }
      layers.append(ImageLayer(path: absolute, format: found))
    }
    return try await resolve(layers, within: commonFolder(of: layers.map(\.path)), countAllocated: false)
  }

  /// The deepest folder that all of the files lie in: whoever named them knows where they are.
  private static func commonFolder(of paths: [String]) -> String {
    let folders = paths.map { path in
      let real = realpath(path, nil)
      defer { free(real) }
      return (real.map { String(cString: $0) } ?? path).split(separator: "/").dropLast()
    }
    let common = folders.dropFirst().reduce(folders.first ?? []) { common, folder in
      zip(common, folder).prefix { $0 == $1 }.map(\.0)[...]
    }
    return "/" + common.joined(separator: "/")
  }
}
