/* A guest in 512 bytes: sets COM1 to 115200 8N1, prints a banner and echoes what it receives, CR as CR LF.
 * Real mode and port I/O alone, so it also runs where a stock kernel does not (nested, paravirtual KVM).
 * Registers as in the TI PC16550D data sheet. */

        .set    COM1, 0x3f8
        .set    DLL, COM1 + 0           /* with LCR.DLAB */
        .set    DLM, COM1 + 1
        .set    IER, COM1 + 1
        .set    FCR, COM1 + 2
        .set    LCR, COM1 + 3
        .set    MCR, COM1 + 4
        .set    LSR, COM1 + 5
        .set    LSR_DR, 0x01
        .set    LSR_THRE, 0x20

        .macro  out_port port, value
        movw    $\port, %dx
        movb    $\value, %al
        outb    %al, %dx
        .endm

        .code16
        .text
        .globl  start
start:
        ljmp    $0, $1f - start + 0x7c00
1:      cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        cld

        out_port IER, 0x00              /* polled */
        out_port LCR, 0x83              /* DLAB, 8 data bits */
        out_port DLL, 0x01              /* 115200 */
        out_port DLM, 0x00
        out_port LCR, 0x03
        out_port FCR, 0x07              /* FIFOs on and empty */
        out_port MCR, 0x03              /* DTR, RTS */

        movw    $banner - start + 0x7c00, %si
next:   lodsb
        testb   %al, %al
        jz      echo
        call    put
        jmp     next

echo:   movw    $LSR, %dx
        inb     %dx, %al
        testb   $LSR_DR, %al
        jz      echo
        movw    $COM1, %dx
        inb     %dx, %al
        call    put
        cmpb    $'\r', %al
        jne     echo
        movb    $'\n', %al
        call    put
        jmp     echo

put:    movb    %al, %bl                /* sends AL, keeps it */
        movw    $LSR, %dx
2:      inb     %dx, %al
        testb   $LSR_THRE, %al
        jz      2b
        movw    $COM1, %dx
        movb    %bl, %al
        outb    %al, %dx
        ret

banner: .asciz  "serialcon boot sector: echoing\r\n"

        .org    510
        .word   0xaa55
