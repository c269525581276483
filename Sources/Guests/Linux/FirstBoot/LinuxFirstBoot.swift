import Foundation
import Support

/// Has the guest run scripts at its first start: each once, three times at most where it fails, with a log.
struct LinuxFirstBoot {
  static let folder = "/var/lib/ascend/first-boot"
  static let unit = "ascend-first-boot.service"

  let writer: GuestWriter

  func install(scripts: [String], packages: GuestPackages) throws(AscendError) {
    guard !scripts.isEmpty || !packages.paths.isEmpty else { return }
    for path in packages.paths {
      let name = GuestPackages.plain((path as NSString).lastPathComponent)
      try writer.upload(path, to: "\(Self.folder)/packages/\(name)", mode: 0o644)
    }
    if !packages.paths.isEmpty {
      try writer.put("\(Self.folder)/scripts/00-packages", packages.script("\(Self.folder)/packages"), mode: 0o755)
    }
    for (index, path) in scripts.enumerated() {
      guard FileManager.default.isReadableFile(atPath: path) else {
        throw AscendError("file.notFound", "There is no such script", object: path)
      }
      let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
      let name = GuestPackages.plain((path as NSString).lastPathComponent)
      try writer.upload(path, to: "\(Self.folder)/scripts/\(number)-\(name)", mode: 0o755)
    }
    try writer.put("\(Self.folder)/run", Self.runner, mode: 0o755)
    try start()
  }

  private func start() throws(AscendError) {
    let guest = writer.guest
    if try guest.hasAny(["/usr/lib/systemd/systemd", "/lib/systemd/systemd"]) {
      try writer.put("/etc/systemd/system/\(Self.unit)", Self.unitText)
      try writer.link(
        "/etc/systemd/system/multi-user.target.wants/\(Self.unit)", to: "/etc/systemd/system/\(Self.unit)")
    } else if try guest.isDirectory("/etc/runlevels/default") {
      try writer.put("/etc/local.d/ascend-first-boot.start", "#!/bin/sh\nexec \(Self.folder)/run\n", mode: 0o755)
      try writer.link("/etc/runlevels/default/local", to: "/etc/init.d/local")
    } else if try guest.isDirectory("/etc/init.d") {
      try writer.put("/etc/init.d/ascend-first-boot", Self.initScript, mode: 0o755)
      for level in ["rc2.d", "rc3.d", "rc5.d"] {
        for folder in ["/etc/\(level)", "/etc/init.d/\(level)"] where try guest.isDirectory(folder) {
          try writer.link("\(folder)/S99ascend-first-boot", to: "/etc/init.d/ascend-first-boot")
        }
      }
    } else {
      throw AscendError(
        "guest.noInit", "The guest has no init system that could run something at its first start",
        remedy: "Leave out first-boot scripts and packages")
    }
  }

  static let unitText = """
    [Unit]
    Description=What was asked for at the first start after a restore
    After=network-online.target local-fs.target
    Wants=network-online.target
    ConditionDirectoryNotEmpty=\(folder)/scripts

    [Service]
    Type=oneshot
    ExecStart=/bin/sh \(folder)/run
    TimeoutStartSec=1800

    [Install]
    WantedBy=multi-user.target

    """

  static let initScript = """
    #!/bin/sh
    ### BEGIN INIT INFO
    # Provides:          ascend-first-boot
    # Required-Start:    $all
    # Required-Stop:
    # Default-Start:     2 3 5
    # Default-Stop:
    # Short-Description: What was asked for at the first start after a restore
    ### END INIT INFO
    case "$1" in start) \(folder)/run & ;; esac

    """

  static let runner = """
    #!/bin/sh
    # Runs each script once. One that fails is tried again at the next start, three times at most.
    here=\(folder)
    exec >>"$here/log" 2>&1
    for script in "$here"/scripts/*; do
      [ -f "$script" ] || continue
      name=${script##*/}
      tries=$(cat "$here/tries-$name" 2>/dev/null || echo 0)
      tries=$((tries + 1))
      echo "$tries" >"$here/tries-$name"
      echo "== $(date): $name, attempt $tries"
      if "$script"; then
        echo "== $name: done"
        mv "$script" "$here/done-$name"
      else
        echo "== $name: failed with $?"
        if [ "$tries" -ge 3 ]; then mv "$script" "$here/failed-$name"; fi
      fi
    done

    """
}
