import Disks
import Foundation
import Support

extension Backup {
  /// Notes the snapshots that qcow2 images keep within themselves: no restore point leads to them.
  mutating func noteSnapshotsWithinImages() throws(AscendError) {
    for layer in images {
      guard let kept = try QcowSnapshots(in: layer) else { continue }
      var names = kept.names.map { MachineDraft.clean($0, or: "without a name") }.joined(separator: ", ")
      if kept.count > kept.names.count { names += " and \(kept.count - kept.names.count) more" }
      let image = MachineDraft.clean((layer.path as NSString).lastPathComponent, or: "the image")
      losses.append(
        Loss(
          property: "Snapshots within \(image)", value: names,
          why: "Only the last state of an image is read; `qemu-img convert -l NAME` makes an image of another"))
    }
  }
}
