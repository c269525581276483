import Foundation
import Support

/// A job's folder. Overlays and copies go when the job ends; evidence stays.
struct JobFolder {
  let path: String

  /// Removes the overlays and the copies of disks, and what a conversion that was killed was making them in.
  func removeImages() throws(AscendError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix("disk") || name.hasPrefix(".disk") {
      do {
        try FileManager.default.removeItem(atPath: path + "/" + name)
      } catch {
        throw AscendError(
          "job.cleanup", "A disk image of the job cannot be removed", object: path + "/" + name,
          cause: String(describing: error))
      }
    }
  }
}
