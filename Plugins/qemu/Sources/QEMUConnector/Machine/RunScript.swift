/// The script `run` in a machine's folder: starts and stops the machine, with or without this connector.
///
/// It is the one place that starts a machine: `machine/power` runs it too. Values of the plan stand in it only as quoted
/// words; paths are those of the folder that the script lies in.
struct RunScript: Sendable {
  var plan: MachinePlan
  var firmware: Firmware?
  /// `auto`, `kvm` or `tcg`: what `start` takes unless told otherwise.
  var accelerator: Accelerator.Choice

  var text: String {
    [header, Self.functions, Self.commands].joined(separator: "\n")
  }

  private var header: String {
    let words = QEMUCommand(plan: plan, firmware: firmware).arguments.map(\.shellWord)
    var lines: [String] = []
    // An option and its value share a line.
    for word in words {
      if word.hasPrefix("-") || lines.isEmpty {
        lines.append("  " + word)
      } else {
        lines[lines.count - 1] += " " + word
      }
    }
    return """
      #!/bin/bash
      # Runs the machine of this folder with QEMU. Needs nothing besides QEMU and this folder, which may be moved.
      #
      # Usage: run COMMAND
      #   start [--foreground] [--accel auto|kvm|tcg]   start it; in the foreground its serial port is this terminal
      #   stop [--now]                                  ask the guest to shut down, then end it; --now ends it at once
      #   status                                        running (exit status 0) or stopped (exit status 3)
      #   console                                       its serial port
      #   screenshot FILE                               a picture of its screen (PNG)
      #
      # Its screen is on the VNC socket vnc.sock, QEMU's machine protocol on qmp.sock.
      set -euo pipefail

      here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
      # QEMU takes a comma in an option for its end, and two for one comma.
      option=${here//,/,,}
      name=\(Argument.quote(plan.name))
      qemu=${QEMU:-\(Host.program)}
      accelerator=\(accelerator.rawValue)
      firmware=\(Argument.quote(firmware?.code ?? ""))
      # Seconds that a guest gets to shut down.
      grace=${GRACE:-90}
      arguments=(
      \(lines.joined(separator: "\n"))
      )

      """
  }
}
