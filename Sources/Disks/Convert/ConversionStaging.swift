import Foundation
import Glibc
import Support

/// The folder beside an image in which it is made. It goes with whatever is left in it.
struct ConversionStaging {
  let target: URL
  private let folder: URL

  /// - Throws: `disk.conversionExists`, and what making a folder throws.
  init(for path: String) throws(AscendError) {
    var status = stat()
    guard lstat(path, &status) != 0, errno == ENOENT else {
      throw AscendError(
        "disk.conversionExists", "Something is there already", object: path, remedy: "Remove it, or name another path")
    }
    target = URL(fileURLWithPath: path)
    folder = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).converting-\(UUID().uuidString.prefix(8))")
    for path in [folder.path, work, image] {
      do throws(AscendError) {
        try StateDirectory.makePrivate(path)
      } catch {
        remove()
        throw error
      }
    }
  }

  /// What is only needed on the way.
  var work: String { folder.appendingPathComponent("work").path }
  /// The folder of the image, which may be of several files.
  var image: String { folder.appendingPathComponent("image").path }
  var imageFile: String { image + "/" + target.lastPathComponent }

  /// Leaves the folder of the image empty, for another attempt.
  func clear() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: image)) ?? [] { unlink(image + "/" + name) }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Moves what was written to its place, the named file last: where it is, everything is.
  func place() throws(AscendError) {
    let manager = FileManager.default
    var placed: [URL] = []
    do {
      let names = try manager.contentsOfDirectory(atPath: image)
      for name in names.filter({ $0 != target.lastPathComponent }) + [target.lastPathComponent] {
        let destination = target.deletingLastPathComponent().appendingPathComponent(name)
        try manager.moveItem(atPath: image + "/" + name, toPath: destination.path)
        placed.append(destination)
      }
    } catch {
      for file in placed { try? manager.removeItem(at: file) }
      throw .wrapping(
        error, as: "disk.conversionFailed", "The converted disk cannot be put in place", object: target.path)
    }
  }
}
