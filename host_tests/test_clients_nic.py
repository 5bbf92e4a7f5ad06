from clients import board_and_modem
def test_nic(tcp_echo):
    for a in (["names"],["life"],["side_by_side", tcp_echo.port]):
        with board_and_modem() as (board, modem):
            print(board.play("scenes_clients_nic", *a))
